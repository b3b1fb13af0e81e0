// One item as a card: its picture, its name, and what a visitor can do with it.
import { h } from './dom.js';
import { percent } from './format.js';
import { picture } from './articles.js';

/** Prices of the data are fractions of an unknown unit: shown as they came, never with a currency. */
const facts = (item) => [item.type, item.colour].filter(Boolean).join(' · ') || item.department || '';

/**
 * options: { actions, why, propensity, isNew, note, onopen, oncart, onbuy, onwhy, compact }
 * The handlers get the item. Buttons say the item's name to those who listen, so that ten "Buy" are not alike.
 */
export function card(item, options = {}) {
  const { actions = false, why = false, propensity = null, isNew = false, note = null, compact = false } = options;
  const name = item.name || item.id;
  const called = (handler) => handler && (() => handler(item));
  const top = [
    h('span.card-picture', null, picture(item), isNew && h('span.card-new', null, 'new')),
    h('span.card-name', { title: name }, name),
    !compact && h('span.card-facts', null, facts(item)),
  ];
  return h(`div.card${compact ? '.compact' : ''}${isNew ? '.is-new' : ''}`, { data: { id: item.id } },
    options.onopen
      ? h('button.card-open', { type: 'button', onclick: called(options.onopen), title: compact ? name : null }, top)
      : h('div.card-still', null, top),
    note !== null && h('p.card-note', null, note),
    propensity !== null && chance(propensity, name),
    (actions || why) && h('div.card-actions', null,
      actions && h('button.card-cart', { type: 'button', 'aria-label': `Add to basket: ${name}`, title: 'Add to basket', onclick: called(options.oncart) }, '+ Basket'),
      actions && h('button.card-buy', { type: 'button', 'aria-label': `Buy: ${name}`, onclick: called(options.onbuy) }, 'Buy'),
      why && h('button.card-why', { type: 'button', 'aria-label': `Why? ${name}`, onclick: called(options.onwhy) }, 'Why?')));
}

/** The probability with which this item was put in this place. */
function chance(value, name) {
  const digits = value >= 0.1 || value === 0 ? 0 : value >= 0.01 ? 1 : 2;
  return h('div.card-propensity', { data: { value: String(value) }, role: 'img', 'aria-label': `${name}: drawn with a chance of ${percent(value, digits)}` },
    h('span.meter', { 'aria-hidden': 'true' }, h('span', { style: { width: `${Math.max(1, Math.min(100, 100 * value))}%` } })),
    h('span', { 'aria-hidden': 'true' }, percent(value, digits)));
}
