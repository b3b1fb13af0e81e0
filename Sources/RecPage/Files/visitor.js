// Choosing who visits the shop: an example, a customer found by id, or somebody new.
import * as api from './api.js';
import { h, replace, announce } from './dom.js';
import { plural, short, day } from './format.js';
import { state, change, listen, newcomer } from './state.js';
import { problem } from './problem.js';

let count = 0;

/** "1234abcd…89ef", or what a newcomer is called. */
export const visitorName = (visitor = state.visitor) =>
  !visitor ? 'nobody' : visitor.kind === 'customer' ? `customer ${short(visitor.id)}` : 'a newcomer';

/** The node; it follows changes made elsewhere for as long as it is in the page. */
export function visitorPicker() {
  const mine = ++count;
  const examples = h('div.visitor-examples', { role: 'group', 'aria-label': 'Example customers' });
  const known = new Map((state.shop?.customers ?? []).map((one) => [one.id, one]));
  for (const one of known.values()) examples.append(customerButton(one));

  const found = h('div.visitor-found', { 'aria-live': 'polite' });
  const search = h('input', { type: 'search', id: `visitor-find-${mine}`, autocomplete: 'off', spellcheck: 'false', placeholder: 'Start of an id' });
  const ask = api.latest();
  let timer;
  search.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => find(search.value.trim(), found, ask()), 150);
  });
  search.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') found.querySelector('button')?.click();
  });

  const fresh = h('button.visitor-new', { type: 'button', id: mine === 1 || !document.getElementById('newcomer') ? 'newcomer' : null, onclick: () => choose(newcomer()) },
    h('strong', null, 'Somebody new'), h('span', null, 'no history at all'));
  const about = h('fieldset.visitor-about', null, h('legend', null, 'What the shop knows of the newcomer'),
    (state.shop?.attributes ?? []).map((attribute, place) => select(attribute, `visitor-${mine}-${place}`)));
  const withFacts = (state.shop?.attributes ?? []).length > 0;

  const node = h('div.visitor', null,
    examples,
    h('div.visitor-other', null, fresh,
      h('div.visitor-search', null, h('label', { for: search.id }, 'Find a customer by id'), search)),
    found,
    withFacts && about);

  const follow = () => {
    if (node.dataset.shown && !node.isConnected) return stop();
    if (node.isConnected) node.dataset.shown = 'yes';
    const visitor = state.visitor;
    for (const button of node.querySelectorAll('button.customer')) {
      button.setAttribute('aria-pressed', String(visitor?.kind === 'customer' && visitor.id === button.dataset.id));
    }
    fresh.setAttribute('aria-pressed', String(visitor?.kind === 'newcomer'));
    about.hidden = visitor?.kind !== 'newcomer';
    // Where the examples go sideways, the chosen one is brought into sight without moving the page.
    const chosen = examples.querySelector('[aria-pressed=true]');
    if (chosen) examples.scrollLeft = chosen.offsetLeft - examples.offsetLeft - 8;
    for (const box of about.querySelectorAll('select')) box.value = visitor?.attributes?.[box.name] ?? '';
  };
  const stop = listen((fields) => { if ('visitor' in fields) follow(); });
  follow();
  requestAnimationFrame(follow);
  return node;
}

function customerButton(one) {
  return h('button.customer', { type: 'button', data: { id: one.id }, title: one.id, 'aria-pressed': String(state.visitor?.id === one.id),
    onclick: () => choose({ kind: 'customer', id: one.id }) },
  h('strong', null, plural(one.events, 'purchase')), h('span', null, short(one.id)), one.last && h('span', null, `last ${day(one.last)}`));
}

/** Another visitor brings an empty basket and has looked at nothing. */
function choose(visitor) {
  change({ visitor, basket: [], looked: null });
  announce(`You are now ${visitorName(visitor)}.`);
}

async function find(text, place, signal) {
  if (text === '') return replace(place);
  try {
    const { customers } = await api.customers(text, { signal });
    replace(place, customers.length === 0 ? h('p.muted', null, 'No customer’s id starts like this.') : customers.slice(0, 6).map(customerButton));
  } catch (error) {
    if (error.name !== 'AbortError') replace(place, problem(error));
  }
}

/** Changing a fact keeps the session: the newcomer's last steps still count. */
function select(attribute, id) {
  const box = h('select', { id, name: attribute.name, onchange: () => {
    const attributes = { ...state.visitor.attributes };
    if (box.value === '') delete attributes[attribute.name];
    else attributes[attribute.name] = box.value;
    change({ visitor: { ...state.visitor, attributes } });
  } }, h('option', { value: '' }, 'not known'), attribute.values.map((value) => h('option', { value }, value)));
  return h('label', { for: id }, attribute.name.replaceAll('_', ' '), box);
}
