// Two versions of the model side by side on one customer: what both show, and what only one does.
import * as api from './api.js';
import { card } from './cards.js';
import { h, replace, announce } from './dom.js';
import { day, short } from './format.js';
import { empty, problem, skeleton } from './problem.js';
import { listen, who } from './state.js';
import { visitorPicker, visitorName } from './visitor.js';

const LENGTH = 12;

/** { node, update(models), end() }: `update` after another version became the current one. */
export function comparison(models) {
  const node = h('div');
  let inner = null;
  function update(fresh) {
    inner?.end();
    inner = fresh.length < 2 ? null : sides(fresh);
    replace(node, inner?.node ?? empty('There is only one version.',
      'Two are needed for a comparison. Train again, and the new version can be set beside this one before anybody else sees it.'));
  }
  update(models);
  return { node, update, end: () => inner?.end() };
}

function sides(models) {
  const known = new Map(models.map((model) => [model.version, model]));
  const current = Math.max(0, models.findIndex((model) => model.current));
  const before = current + 1 < models.length ? current + 1 : current - 1;
  const whose = h('span');
  const overlap = h('p.overlap', { 'aria-live': 'polite' });
  const ask = api.latest();
  const columns = ['a', 'b'].map((letter, place) => {
    const select = h(`select#compare-${letter}`, { onchange: () => load(true) },
      models.map((model) => h('option', { value: model.version }, `${day(model.created)}${model.current ? ', current' : ''}, ${short(model.version)}`)));
    select.value = models[place === 0 ? current : before].version;
    const list = h('div.compare-list');
    return { select, list, letter: letter.toUpperCase(), node: h('section', { 'aria-label': `Version ${letter.toUpperCase()}` },
      h('label', { for: select.id }, `Version ${letter.toUpperCase()}`), select, list) };
  });

  /** The list of a version; null where it must first be loaded on the server, which only a visitor's wish may start. */
  async function listOf(version, signal, mayServe) {
    const model = known.get(version);
    for (let isFirst = true; ; isFirst = false) {
      if (!model.in_service && !model.current) {
        if (!mayServe) return null;
        await api.serve(version);
        model.in_service = true;
      }
      try {
        // Greedy: what differs comes from the models, not from chance.
        const { data } = await api.recommend({ ...who(), mode: 'auto', limit: LENGTH, policy: 'greedy', model_version: version }, { signal });
        return await api.cards(data.items.map((item) => item.id), { signal });
      } catch (error) {
        // The server keeps few versions beside the current one: this one was put to rest since.
        if (error.code !== 'model_not_in_service' || !isFirst) throw error;
        model.in_service = model.current = false;
      }
    }
  }

  async function load(mayServe = false) {
    const signal = ask();
    whose.textContent = visitorName();
    overlap.textContent = '';
    for (const { list } of columns) if (list.childElementCount === 0) list.append(skeleton(4));
    const found = await Promise.allSettled(columns.map(({ select }) => listOf(select.value, signal, mayServe)));
    if (signal.aborted) return;
    const lists = found.map((one) => one.value ?? null);
    columns.forEach(({ list, letter }, place) => {
      const other = lists[1 - place];
      if (found[place].status === 'rejected') return replace(list, problem(found[place].reason, () => load(true)));
      if (lists[place] === null) return replace(list, asleep(letter, () => load(true)));
      if (lists[place].length === 0) return replace(list, h('p.empty', null, 'It has nothing to show to this visitor.'));
      replace(list, h('ol', null, lists[place].map((item) => row(item, other, columns[1 - place].letter))));
    });
    if (lists[0] && lists[1]) {
      const text = words(lists, columns.map(({ select }) => select.value));
      overlap.textContent = text;
      if (mayServe) announce(text);
    }
  }

  const deaf = listen((fields) => { if ('visitor' in fields) load(); });
  load();
  return {
    node: h('div', null,
      h('details.compare-visitor', null, h('summary', null, 'Both lists are for ', whose, '. Choose somebody else'), visitorPicker()),
      overlap, h('div#compare', null, columns.map((column) => column.node))),
    end() { deaf(); ask(); },
  };
}

function row(item, other, letter) {
  const place = other ? other.findIndex((one) => one.id === item.id) : -1;
  const where = !other ? null : place >= 0 ? `in both: place ${place + 1} in ${letter}` : `not in ${letter}`;
  const note = [item.type, item.colour, where].filter(Boolean).join(' · ') || null;
  const node = card(item, { compact: true, note });
  if (place >= 0) node.classList.add('is-shared');
  return h('li', null, node);
}

const asleep = (letter, wake) => h('div.empty', null,
  h('p', null, 'This version is not loaded on the server. It can be loaded beside the current one; what the shop shows stays as it is.'),
  h('button', { type: 'button', onclick: wake }, `Load version ${letter}`));

function words([a, b], [first, second]) {
  if (first === second) return 'Both sides show the same version. Choose another one to compare.';
  const ids = new Set(b.map((item) => item.id));
  const same = a.filter((item) => ids.has(item.id)).length;
  const isSame = same === a.length && a.every((item, place) => item.id === b[place]?.id);
  if (isSame) return `All ${a.length} are the same, and in the same order.`;
  return `${same} of ${Math.max(a.length, b.length)} are the same. ${same === 0 ? 'The two versions see this visitor differently.' : 'Coloured edges mark what both show.'}`;
}
