// View 1, the shop: a visitor, what they did, and shelves that react to every click.
import * as api from './api.js';
import { h, replace, announce } from './dom.js';
import { milliseconds, plural, short } from './format.js';
import { state, change, listen, unique, who, windowName } from './state.js';
import { visitorPicker } from './visitor.js';
import { refreshShop } from './refresh.js';
import { shelf, fill } from './shelves.js';
import { historyPanel, windowPanel } from './past.js';
import { itemPanel } from './item.js';

export const title = 'A shop that reacts to every click';
const limit = 12;
const personal = (mode) => ({ ...who(), mode, limit, seed: state.seed });
/** The list in which an item stood when it was clicked; an event names it even when shelves were asked again since. */
const listOf = (item, shelf) => (shelf?.answer?.items.some((one) => one.id === item.id) ? shelf.answer.recommendation_id : undefined);

export async function show(main) {
  const over = new AbortController();
  const asking = api.latest();
  const look = (id) => state.looked ?? id;
  /** Until something is clicked, the shelf of similar items starts from the last purchase. */
  let lastTaken = null;
  const askedAbout = new Set();

  const shelves = [
    shelf({ mode: 'auto', title: 'For you', about: 'All that is known counts: every past purchase and the last clicks.', body: () => personal('auto') }),
    shelf({ mode: 'recency', title: 'Because of what you just did', about: 'The last 10 interactions weigh most. Click something and watch.', body: () => personal('recency') }),
    shelf({ mode: 'similarity', title: 'Similar to this', about: '', waiting: 'Open any item. What is most like it will stand here.',
      body: () => (look(lastTaken) ? { mode: 'similarity', items: [look(lastTaken)], limit, seed: state.seed } : null) }),
    shelf({ mode: 'cross_sell', title: 'Goes with your basket', about: 'What people take together with the things in the basket.', waiting: 'The basket is empty. Add something, and what goes with it will stand here.',
      body: () => (state.basket.length ? { mode: 'cross_sell', items: state.basket, limit, seed: state.seed } : null) }),
    shelf({ mode: 'cold_start', title: 'What sells now', about: 'No history needed: this is what a stranger would see.',
      body: () => ({ mode: 'cold_start', limit, seed: state.seed, ...(state.visitor.kind === 'newcomer' ? { attributes: state.visitor.attributes } : {}) }) }),
  ];
  const similar = shelves[2];
  const panel = itemPanel({ cart: (item, list) => act('cart', item, list), buy: (item, list) => act('purchase', item, list) });
  const handlers = {
    open: (item, from) => {
      const list = listOf(item, from);
      change({ looked: item.id });
      panel.open(item, from.node, list);
      act('view', item, list);
    },
    cart: (item, from) => act('cart', item, listOf(item, from)),
    buy: (item, from) => act('purchase', item, listOf(item, from)),
    why: (item, from) => explain(item, from),
  };
  const taken = historyPanel((item, from) => handlers.open(item, from));
  const recent = windowPanel({ settled: () => reload(true), buy: (item) => act('purchase', item) });

  main.append(h('h1', { tabindex: -1 }, title),
    h('p.lead', null, 'Choose who you are. The shelves below show what the model offers this person. Then open, add or buy something: all shelves are asked again at once, and what changed is marked.'),
    h('section.panel.who', { 'aria-labelledby': 'who-title' }, h('h2', { id: 'who-title' }, 'Who visits the shop?'), visitorPicker()),
    h('div.shop', null, h('div.shop-side', null, recent.node, taken.node), h('div.shop-shelves', null, shelves.map((one) => one.node))));

  /** One question for all shelves; an older one still on its way is dropped. */
  async function reload(compare, some = shelves, signal = asking()) {
    try {
      if (some.includes(similar)) nameSimilar();
      const told = await fill(some, handlers, { signal, compare, retry: () => reload(false) });
      if (signal.aborted) return;
      if (compare) announce(tell(told));
      // Another model serves than the one named above. Each is asked about once: a test may have several.
      const other = told.map((one) => one.shelf.answer?.model_version).find((version) => version && version !== state.shop.model.version && !askedAbout.has(version));
      if (other) { askedAbout.add(other); refreshShop(); }
    } catch (error) {
      if (error.name !== 'AbortError') throw error;
    }
  }

  const tell = (told) => {
    const changes = told.filter((one) => one.changed);
    return changes.length === 0 ? 'Asked again: no shelf changed.'
      : changes.map((one) => `${one.shelf.heading.textContent}: ${one.changed} of ${plural(one.of, 'item')} changed, ${milliseconds(one.browser)}`).join('. ') + '.';
  };

  async function nameSimilar() {
    const id = look(lastTaken);
    if (!id) return replace(similar.line);
    const [item] = await api.cards([id], { signal: over.signal }).catch(() => [{ id, name: id }]);
    if (id === look(lastTaken)) replace(similar.line, 'What is most like ', h('strong', null, item.name || short(id)), state.looked ? ', the item you opened last.' : ', the last purchase.');
  }

  /** An event: shown at once, sent, and once it is accepted the shelves are asked again. */
  async function act(kind, item, list, id = unique()) {
    if (kind === 'cart' && !state.basket.includes(item.id)) change({ basket: [...state.basket, item.id] });
    if (kind === 'purchase' && state.basket.includes(item.id)) change({ basket: state.basket.filter((id) => id !== item.id) });
    const visitor = state.visitor, whose = windowName(), entry = recent.pending(kind, item);
    try {
      const { data } = await api.send([{ ...who(visitor, true), item: item.id, kind, event_id: id, ...(list ? { recommendation_id: list } : {}) }]);
      if (over.signal.aborted || whose !== windowName()) return;
      recent.accepted(entry, data.event_ids?.[0]);
      await reload(true);
    } catch (error) {
      if (!over.signal.aborted && whose === windowName()) recent.refused(entry, error, () => act(kind, item, list, id)); // the same event, should it have arrived after all
    }
  }

  async function explain(item, from) {
    const { openWhy } = await import('./why.js');
    openWhy({ item, mode: from.mode, body: from.asked, result: from.answer?.items.find((one) => one.id === item.id) });
  }

  /** Another visitor: everything from the start. Only the shelf of similar items has to wait for the history's newest item. */
  async function arrive() {
    lastTaken = null;
    const signal = asking();
    panel.close();
    recent.load();
    for (const one of shelves) one.answer = null;
    const history = taken.load().then((id) => {
      lastTaken = id ?? null;
      return signal.aborted ? null : reload(false, [similar], signal);
    });
    await Promise.all([reload(false, shelves.filter((one) => one !== similar), signal), history]);
    if (!over.signal.aborted) document.body.dataset.ready = 'shop';
  }

  let visitor = state.visitor;
  const stop = listen((fields) => {
    if ('shop' in fields) reload(false);
    if (!('visitor' in fields)) return;
    const same = visitor.session !== undefined && visitor.session === state.visitor.session;
    visitor = state.visitor;
    if (same) reload(true); // a newcomer told something about themselves
    else arrive();
  });
  const finish = () => { over.abort(); stop(); asking(); taken.end(); recent.end(); panel.close(); };
  try { await arrive(); } catch (error) { finish(); throw error; }
  return finish;
}
