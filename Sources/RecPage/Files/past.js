// What the visitor did: the history the model learned from, and the live window of the last interactions.
import * as api from './api.js';
import { h, replace } from './dom.js';
import { ago, day, number, plural } from './format.js';
import { state, listen, windowName } from './state.js';
import { card } from './cards.js';
import { problem, skeleton } from './problem.js';

const kinds = { view: 'looked at', cart: 'into the basket', purchase: 'bought' };
const few = 8;

/** `load()` resolves to the id of the newest item taken, or undefined. */
export function historyPanel(open) {
  const asking = api.latest();
  const about = h('p.muted', null), place = h('div.history');
  const node = h('section.panel', { 'aria-labelledby': 'history-title' }, h('h2', { id: 'history-title' }, 'What the model learned from'), about, place);

  async function load() {
    const signal = asking(), visitor = state.visitor;
    if (visitor.kind === 'newcomer') {
      replace(about, 'Nothing: this visitor was never here before. Only what you tell about them and what they click can count.');
      replace(place);
      return undefined;
    }
    if (place.childNodes.length === 0) replace(place, skeleton(3));
    try {
      const answer = await api.customer(visitor.id, { signal });
      api.remember(answer.taken.map((one) => one.item));
      replace(about, !answer.known ? 'This customer is unknown to the shop.' : answer.taken.length === 0 ? 'This customer has not bought anything yet.'
        : `${plural(answer.events, 'purchase')}, the newest first.`, facts(answer.attributes));
      list(answer.taken, few, false);
      return answer.taken[0]?.item.id;
    } catch (error) {
      if (error.name === 'AbortError') return undefined;
      replace(about);
      replace(place, problem(error, load));
      return undefined;
    }
  }

  function list(taken, count, focus) {
    const nodes = taken.slice(0, count).map((one) => card(one.item, {
      compact: true, note: one.times > 1 ? `${number(one.times)} times` : day(one.last), onopen: (item) => open(item, { node, answer: null }),
    }));
    replace(place, nodes.length > 0 && h('div.cards', null, nodes),
      taken.length > count && h('button.plain', { type: 'button', onclick: () => list(taken, taken.length, true) }, `Show ${number(taken.length - count)} more`));
    if (focus) nodes[few].querySelector('button').focus();
  }
  return { node, load, end: () => asking() };
}

const facts = (attributes) => Object.entries(attributes ?? {}).filter(([, value]) => value.length <= 24).slice(0, 4).map(([name, value]) => [' ', h('span.pill', null, `${name.replaceAll('_', ' ')}: ${value}`)]);

/** The window and the basket. `settled` is called when the server shows an event that it did not show at first. */
export function windowPanel({ settled, buy }) {
  const asking = api.latest();
  let events = [], waiting = [], known = new Map(), timer, error = null;
  const about = h('p.muted', null, 'These count at once. Nothing is trained again.');
  const list = h('ol#window', { 'aria-label': 'Last interactions, newest first' }), trouble = h('div');
  const basket = h('div.basket');
  const node = h('section.panel', { 'aria-labelledby': 'window-title' },
    h('h2', { id: 'window-title' }, 'Last 10 interactions'), about, trouble, list, h('h3', null, 'Basket'), basket);

  const nameOf = (id) => known.get(id)?.name || id;
  const line = (kind, id, when, more) => h(`li${more}`, null, h('span.window-kind', { data: { kind } }, kinds[kind] ?? kind),
    h('span.window-name', { title: nameOf(id) }, nameOf(id)), h('span.muted', null, when));

  function draw() {
    const sent = new Set(waiting.map((one) => one.id).filter(Boolean));
    const rows = [...waiting.map((one) => line(one.kind, one.item.id, one.error ? 'not sent' : 'on its way', one.error ? '.failed' : '.pending')),
      ...events.filter((one) => !sent.has(one.event_id)).map((one) => line(one.kind, one.item, ago(one.timestamp), ''))].slice(0, 10);
    replace(list, rows);
    list.hidden = rows.length === 0;
    about.textContent = rows.length === 0 ? 'Empty so far. Open, add or buy something: it counts at once.' : 'These count at once. Nothing is trained again.';
    const failed = waiting.find((one) => one.error);
    replace(trouble, failed ? problem(failed.error, () => { waiting = waiting.filter((one) => one !== failed); draw(); failed.again(); }) : error && problem(error, () => load()));
  }

  function drawBasket() {
    replace(basket, state.basket.length === 0 ? h('p.muted', null, 'Empty.')
      : state.basket.map((id) => h('div.basket-line', null, h('span.window-name', null, nameOf(id)),
        h('button.plain', { type: 'button', 'aria-label': `Buy from the basket: ${nameOf(id)}`, onclick: () => buy(known.get(id) ?? { id, name: id }) }, 'Buy'))));
  }

  /** Asks for the window; a few times more while an accepted event is not in it yet. */
  async function load(round = 0) {
    clearTimeout(timer);
    const signal = asking();
    try {
      const answer = await api.windowOf(windowName(), { signal });
      const cards = await api.cards([...answer.events.map((one) => one.item), ...state.basket], { signal });
      for (const one of cards) known.set(one.id, one);
      events = answer.events;
      error = null;
      const there = new Set(events.map((one) => one.event_id)), before = waiting.length;
      waiting = waiting.filter((one) => !(one.id && there.has(one.id)));
      if (round > 0 && waiting.length < before) settled();
      if (waiting.some((one) => one.id)) {
        if (round < 5) timer = setTimeout(() => load(round + 1), 200 * 2 ** round);
        else waiting = waiting.filter((one) => !one.id); // accepted, so it is not lost; the window may simply be full of newer ones
      }
      draw();
      drawBasket();
    } catch (refused) {
      if (refused.name === 'AbortError') return;
      error = refused;
      draw();
    }
  }

  let whose = windowName();
  const stop = listen((fields) => {
    // A newcomer of whom more is told keeps the window.
    if ('visitor' in fields && windowName() !== whose) { whose = windowName(); events = []; waiting = []; error = null; draw(); }
    if ('basket' in fields) drawBasket();
  });
  draw();
  drawBasket();
  return {
    node, load,
    pending(kind, item) {
      const entry = { kind, item, id: null, error: null };
      known.set(item.id, item);
      waiting.unshift(entry);
      draw();
      drawBasket();
      return entry;
    },
    accepted(entry, id) {
      entry.id = id ?? null;
      if (!id) waiting = waiting.filter((one) => one !== entry);
      return load();
    },
    refused(entry, why, again) { Object.assign(entry, { error: why, again }); draw(); },
    end: () => { stop(); clearTimeout(timer); asking(); },
  };
}
