// The view "Search": words to articles, the articles near one of them, and its place on the map.
import * as api from './api.js';
import { state, change } from './state.js';
import { h, replace, append, announce, quiet } from './dom.js';
import { number, plural, figure, milliseconds } from './format.js';
import { card } from './cards.js';
import { problem, skeleton, empty } from './problem.js';
import { itemMap } from './map.js';

export const title = 'Search and map';
const neighbours = 8;
/** What was looked for last: who comes back finds it again. */
let kept = '';

export async function show(main) {
  const { shop } = state, shownFirst = innerWidth < 640 ? 6 : 12, nextSearch = api.latest(), nextItem = api.latest();
  const over = new AbortController();
  let timer = 0, invitation = null, ended = false, chosenItem = null;

  const input = h('input#query', { type: 'search', autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'search', value: kept, 'aria-describedby': 'search-note', oninput: () => later(120) });
  const note = h('p#search-note.muted', { role: 'status' }), results = h('div#results'), chosen = h('section#chosen', { hidden: true, 'aria-labelledby': 'chosen-name' });
  const aboutMap = h('section#on-map', { 'aria-labelledby': 'map-title' }, h('h2#map-title', null, 'The map of the catalogue'),
    h('p', null, 'Each dot is an article. Dots that stand near each other are liked by the same people: the places come from the model’s vectors. Where nobody took an article yet, the model estimates its vector from the description. The colours are departments.'));
  const map = shop.can?.map === false ? null : itemMap({ onopen: (item) => choose(item, true), ondrawn: () => chosenItem && place(chosenItem) });
  append(aboutMap, map ? map.node : empty('This server draws no map', 'The search and the lists of neighbours work without it.'));

  append(main, [h('h1', { tabindex: -1 }, title),
    h('p.lead', null, 'Find an article by words. Then see what stands near it: by the taste of the people who take it, and by its description.'),
    h('div.search-layout', null,
      h('div.search-left', null,
        h('form.search-box', { role: 'search', onsubmit: (event) => { event.preventDefault(); later(0); } }, h('label', { for: 'query' }, 'Search the catalogue'), input),
        note, chosen, results),
      aboutMap)]);

  begin();

  async function begin() {
    if (shop.can?.search === false) {
      input.disabled = true;
      replace(results, empty('This server has no search', 'The map works without it: click a dot.'));
    } else await search();
    if (!ended) document.body.dataset.ready = 'search';
  }

  /** Three words that surely find something: a department, a type and a type with a colour, as the shop itself writes them. */
  async function exampleWords() {
    const names = (shop.departments ?? []).map((one) => one.name).filter((name) => name.length < 24);
    const words = [];
    try {
      const { items } = await api.search(names[0] ?? '', 60, { signal: over.signal });
      const typed = items.find((item) => item.type && item.colour), other = items.find((item) => item.type && item.type !== typed?.type);
      if (other) words.push(other.type);
      if (typed) words.push(`${typed.colour} ${typed.type}`);
    } catch { /* Examples are a kindness: without them the departments do. */ }
    return [...new Set([...words.map((word) => word.toLowerCase()), ...names])].slice(0, 3);
  }

  async function invite() {
    note.textContent = '';
    if (results.querySelector('.card')) results.replaceChildren();
    invitation ??= exampleWords();
    const words = await invitation;
    if (ended || input.value.trim() !== '') return;
    replace(results, empty('What are you looking for?', `Type a few words: a type, a colour, a department, a name. ${number(shop.shop.items)} articles are searched as you type.`,
      h('div.actions.examples', null, words.length > 0 && h('span', null, 'For example:'),
        words.map((word) => h('button.example', { type: 'button', onclick: () => { input.value = word; input.focus(); later(0); } }, word)))));
  }

  function later(wait) {
    clearTimeout(timer);
    timer = setTimeout(search, wait);
  }

  async function search() {
    const words = input.value.trim();
    if (words !== kept) dismiss();
    kept = words;
    const signal = nextSearch();
    if (words === '') { await invite(); return; }
    if (!results.querySelector('.card')) replace(results, skeleton(8));
    try {
      const found = await api.search(words, 24, { signal });
      api.remember(found.items);
      if (!signal.aborted) tell(words, found);
    } catch (error) {
      if (signal.aborted || ended) return;
      note.textContent = '';
      replace(results, problem(error, search));
    }
  }

  function tell(words, found) {
    const took = found.took_as ?? [];
    note.textContent = `${plural(found.total, 'article')} in ${milliseconds(found.milliseconds)} inside the server.${took.length ? ` Looked for: ${took.join(', ')}.` : ''}`;
    if (found.items.length === 0) {
      replace(results, empty(`Nothing found for “${words}”`, 'Try fewer or more general words, such as a type or a colour.'));
      return;
    }
    const grid = h('div.cards', null, found.items.slice(0, shownFirst).map(cardOf));
    const rest = found.items.slice(shownFirst);
    replace(results, h('h2.visually-hidden', null, 'Results'), grid, rest.length > 0 && h('button.more', { type: 'button', onclick: (event) => {
      append(grid, rest.map(cardOf));
      grid.children[shownFirst].querySelector('button')?.focus();
      event.target.replaceWith(found.total > found.items.length ? h('p.muted', null, `The best ${found.items.length} of ${number(found.total)}. More words narrow it down.`) : '');
    } }, `Show ${rest.length} more`));
  }

  function cardOf(item) { return card(item, { onopen: () => choose(item) }); }

  /** Shows what stands near an item. From the map the focus stays on the map where both are in sight. */
  async function choose(item, fromMap = false) {
    const signal = nextItem();
    chosenItem = item;
    change({ looked: item.id });
    const heading = h('h2#chosen-name', { tabindex: -1 }, item.name);
    const body = h('div', null, skeleton(4));
    replace(chosen, h('div.chosen-head', null, card(item, { compact: true }),
      h('div', null, heading, h('p.chosen-facts.muted', null, factsOf(item)), h('div.actions', null,
        map && h('button.to-map', { type: 'button', onclick: () => aboutMap.scrollIntoView({ behavior: quiet() ? 'auto' : 'smooth' }) }, 'See it on the map'),
        h('button.plain', { type: 'button', onclick: () => { dismiss(); input.focus(); } }, 'Close')))), body);
    chosen.hidden = false;
    const sideBySide = aboutMap.offsetLeft > chosen.offsetLeft + 100;
    if (!fromMap || !sideBySide) {
      heading.focus({ preventScroll: true });
      chosen.scrollIntoView({ block: 'start', behavior: quiet() ? 'auto' : 'smooth' });
    }
    try {
      const [near, facts] = await Promise.all([api.surroundings(item.id, neighbours, { signal }), api.item(item.id, { signal }).catch(() => null)]);
      if (signal.aborted || ended) return;
      if (facts) chosen.querySelector('.chosen-facts').textContent = factsOf(facts.item, facts);
      fill(body, near, facts?.events === 0);
      map?.centre(near.point, near.map);
      if (!near.placed) chosen.querySelector('.to-map')?.replaceWith(h('span.muted', null, 'Not on the map: the model has not learned it yet.'));
      announce(`${item.name}: ${plural(near.taste.length, 'neighbour')} by taste, ${near.content.length} by description.`);
    } catch (error) {
      if (!signal.aborted && !ended) replace(body, problem(error, () => choose(item, fromMap)));
    }
  }

  /** The map came after the item was chosen. */
  async function place(item) {
    const near = await api.surroundings(item.id, 1, { signal: over.signal }).catch(() => null);
    if (near && item === chosenItem) map.centre(near.point, near.map);
  }

  function dismiss() {
    nextItem();
    chosenItem = null;
    chosen.hidden = true;
    chosen.replaceChildren();
    map?.centre(null);
  }

  const factsOf = (item, more) => [item.department, item.type, item.colour, more && plural(more.events, 'event') + ' in the history', more?.hidden && 'hidden from customers'].filter(Boolean).join(' · ');

  function fill(body, near, isUntaken) {
    const inTaste = new Set(near.taste.map((one) => one.item.id)), both = near.content.filter((one) => inTaste.has(one.item.id));
    const shared = new Set(both.map((one) => one.item.id));
    const list = (id, heading, explanation, found, none) => h('section', { 'aria-labelledby': `${id}-title` }, h(`h3#${id}-title`, null, heading), h('p.muted', null, explanation),
      h(`div#${id}.cards`, null, found.length ? found.map((one) => card(one.item, { note: `${figure(one.score, 2)} ${shared.has(one.item.id) ? '· in both' : 'alike'}`, onopen: () => choose(one.item) })) : h('p.muted', null, none)));
    replace(body, h('div.near', null,
      list('by-taste', 'People with this taste take these', `${isUntaken ? 'Nobody took this article yet: its taste is estimated from its description.' : 'Learned from what people took.'} 1.00 = exactly the same taste, 0 = nothing in common.`, near.taste, 'Nothing yet: too few people took this article.'),
      list('by-content', 'Described alike', 'Compared by the words and properties of the catalogue. 1.00 = described the same.', near.content, 'Nothing is described like it.')),
    near.taste.length > 0 && near.content.length > 0 && h('p.muted', null, both.length === 0
      ? 'No article is in both lists: what people like together is not what is described alike.'
      : `${plural(both.length, 'article is', 'articles are')} in both lists.`));
  }

  return () => {
    ended = true;
    over.abort();
    clearTimeout(timer);
    nextSearch();
    nextItem();
    map?.end();
  };
}
