// Shelves: lists of the model side by side, asked together, each with its own note and its own error.
import * as api from './api.js';
import { h, replace } from './dom.js';
import { milliseconds, plural } from './format.js';
import { card } from './cards.js';
import { problem, skeleton } from './problem.js';

const reasons = {
  popular: 'sells well', segment: 'liked by similar people', own_history: 'bought before', bought_together: 'bought together', taste: 'fits the taste',
  content: 'similar make', new_item: 'new in the shop', boost: 'put forward by the shop', similar: 'alike',
};

/** `body()` gives the request, or null when there is nothing to ask; then `waiting` says what to do. */
export function shelf({ mode, title, about, waiting, body }) {
  const heading = h('h2', { id: `shelf-${mode}`, tabindex: -1 }, title);
  const line = h('p.shelf-about', null, about);
  const place = h('div.shelf-place');
  const note = h('p.shelf-note');
  const node = h('section.shelf', { data: { mode }, 'aria-labelledby': `shelf-${mode}` }, h('div.shelf-head', null, heading, line), place, note);
  return { mode, node, heading, line, place, note, waiting, body, answer: null, asked: null, cards: new Map() };
}

/**
 * Asks all shelves at once and shows what came. `handlers` are those of a card, with the shelf as second argument.
 * `compare`: mark what was not there before. Resolves to [{ shelf, changed, of, browser }], for telling.
 */
export async function fill(shelves, handlers, { signal, compare, retry }) {
  const answers = await Promise.all(shelves.map(async (one) => {
    const body = one.body();
    if (body === null) return { body };
    one.node.setAttribute('aria-busy', 'true');
    if (one.answer === null) replace(one.place, skeleton(6));
    try {
      return { body, ...await api.recommend(body, { signal }) };
    } catch (error) {
      if (error.name === 'AbortError') throw error;
      return { body, error };
    }
  }));
  const ids = answers.flatMap((answer) => answer.data?.items.map((item) => item.id) ?? []);
  let items = new Map(), missing = null;
  try {
    items = new Map((await api.cards(ids, { signal })).map((item) => [item.id, item]));
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    missing = error; // the lists are there, only their names are not: shown by id
  }
  return shelves.map((one, at) => show(one, answers[at], { items, missing, handlers, compare, retry })).filter(Boolean);
}

function show(one, answer, { items, missing, handlers, compare, retry }) {
  one.node.removeAttribute('aria-busy');
  const { body, data, error } = answer;
  if (body === null || error || data.items.length === 0) {
    Object.assign(one, { answer: null, asked: null, cards: new Map() });
    replace(one.place, error ? problem(error, retry) : h('p.shelf-empty', null, body === null ? one.waiting : 'The model has nothing to show here.'));
    replace(one.note);
    return null;
  }
  const before = one.answer && compare ? new Set(one.answer.items.map((item) => item.id)) : null;
  const old = one.cards, focus = focusIn(one), left = one.place.firstChild?.scrollLeft ?? 0;
  one.cards = new Map();
  const nodes = data.items.map((result) => {
    const isNew = before !== null && !before.has(result.id), key = `${result.id} ${result.reason}`;
    // A card that stays is kept as it is, so that a finger on its way to it still hits it.
    const kept = isNew ? undefined : old.get(key);
    const node = kept ?? card(items.get(result.id) ?? { id: result.id, name: result.id }, {
      actions: true, why: true, isNew, note: reasons[result.reason] ?? result.reason,
      onopen: (item) => handlers.open(item, one), oncart: (item) => handlers.cart(item, one), onbuy: (item) => handlers.buy(item, one), onwhy: (item) => handlers.why(item, one),
    });
    if (kept) { kept.classList.remove('is-new'); kept.querySelector('.card-new')?.remove(); }
    one.cards.set(key, node);
    return node;
  });
  Object.assign(one, { answer: data, asked: body });
  const row = h('div.cards', { role: 'group', 'aria-label': one.heading.textContent }, nodes);
  replace(one.place, row);
  row.scrollLeft = left;
  giveFocus(one, focus, nodes);
  const changed = before === null ? null : data.items.filter((item) => !before.has(item.id)).length;
  replace(one.note, words(answer, changed, missing));
  return { shelf: one, changed, of: data.items.length, browser: answer.browser };
}

/** What the note says, each part in words that need no manual. */
function words({ data, browser, server }, changed, missing) {
  const parts = [];
  if (changed !== null) parts.push(h(`span.pill${changed ? '.good' : ''}`, null, changed ? `${changed} of ${data.items.length} changed` : 'nothing changed'));
  parts.push(h('span', null, `Here after ${milliseconds(browser)}`, server === null ? '' : `, of which ${milliseconds(server)} inside the server`));
  if (data.window) parts.push(h('span', null, data.window.events ? `${plural(data.window.events, 'recent interaction')} counted` : 'no recent interaction yet'));
  if (data.fallback) parts.push(h('span.pill.warn', { title: 'Without enough facts about the visitor the platform answers with a list that is good for most.' }, 'fallback: too little is known, so best sellers help out'));
  if (data.degraded?.length) parts.push(h('span.pill.warn', null, `answered without ${data.degraded.map((one) => String(one).replaceAll('_', ' ')).join(', ')}`));
  if (data.unknown_items?.length) parts.push(h('span.pill.warn', null, `${plural(data.unknown_items.length, 'item')} unknown to the model`));
  if (missing) parts.push(h('span.pill.warn', null, 'names did not arrive, so ids are shown'));
  parts.push(h('span.shelf-model', null, 'Model ', h('code', { title: data.model_version }, data.model_version)));
  return parts;
}

/** Where the keyboard was in this shelf: the card, its place and which of its buttons. */
function focusIn(one) {
  const button = document.activeElement;
  if (!button || !one.place.contains(button)) return null;
  const owner = button.closest('.card');
  return { id: owner?.dataset.id, at: [...one.place.querySelectorAll('.card')].indexOf(owner), kind: button.classList[0] };
}

function giveFocus(one, focus, nodes) {
  if (!focus) return;
  const owner = nodes.find((node) => node.dataset.id === focus.id) ?? nodes[Math.min(focus.at, nodes.length - 1)];
  (owner?.querySelector(`.${focus.kind}`) ?? one.heading).focus({ preventScroll: true });
}
