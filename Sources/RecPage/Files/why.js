// View 2, the dialog that answers "Why?": what adds up to the score of an item.
import * as api from './api.js';
import { h, replace } from './dom.js';
import { figure } from './format.js';
import { picture } from './articles.js';
import { problem } from './problem.js';

/** What each part of the model looks at, for people who have never seen one. */
const channels = {
  taste: ['Taste', 'what people with a similar history take'],
  popular: ['Popularity', 'how well it sells these days'],
  content: ['Make', 'how like it is to what was taken, by its words and looks'],
  bought_together: ['Bought together', 'how often it goes along with what was taken'],
  own_history: ['Own history', 'it was taken before, and many buy again'],
  segment: ['Similar people', 'how it sells among people with the same facts'],
  new_item: ['New item', 'a start for what few have seen'],
  boost: ['Shop’s rule', 'the shop puts it forward or holds it back'],
};
const sentences = {
  similarity: 'The model gives each item a place in a space of tastes: items that the same people take lie close together. This list holds the nearest ones, and the score is how near. There are no parts to show.',
  cross_sell: 'This list holds what is taken together with the items of the basket more often than chance explains. The score says how much more. There are no parts to show.',
};
const asking = api.latest();

/** `body` is the request that made the list, `result` the item's row in its answer. */
export async function openWhy({ item, mode, body, result }) {
  document.getElementById('why')?.remove();
  const content = h('div.why-content', { 'aria-live': 'polite' });
  const name = item.name || item.id;
  const opener = document.activeElement;
  const dialog = h('dialog#why', { 'aria-labelledby': 'why-title' },
    h('div.why-head', null, h('div.why-picture', null, picture(item)),
      h('div', null, h('h2', { id: 'why-title' }, `Why “${name}”?`), h('p.muted', null, [item.type, item.colour, item.department].filter(Boolean).join(' · ')))),
    content,
    h('div.actions', null, h('button.primary', { type: 'button', onclick: () => dialog.close() }, 'Close')));
  dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); }); // beside it
  dialog.addEventListener('close', () => {
    asking();
    dialog.remove();
    if (opener?.isConnected) opener.focus();
  });
  addEventListener('hashchange', () => dialog.close(), { once: true });
  document.body.append(dialog);
  dialog.showModal();

  if (mode in sentences) return replace(content, h('p', null, sentences[mode]), total(result?.score));
  replace(content, h('p.muted.why-wait', null, 'Asking the model for its reasons…'));
  const load = async () => {
    try {
      const signal = asking();
      const { data } = await api.recommend({ ...body, explain: true }, { signal });
      const row = data.items.find((one) => one.id === item.id);
      if (!row) return replace(content, h('p', null, 'Things changed in the meantime: the item is no longer on this list, so there is nothing to explain.'));
      if (!row.explanation) return replace(content, h('p', null, 'The model gave a score, but no reasons for this list.'), total(row.score));
      const past = row.explanation.past ?? [];
      const items = past.length ? await api.cards(past.map((one) => one.item), { signal }).catch(() => past.map((one) => ({ id: one.item, name: one.item }))) : [];
      replace(content, parts(row), pasts(row, items));
    } catch (error) {
      if (error.name !== 'AbortError') replace(content, problem(error, load));
    }
  };
  await load();
}

const total = (score) => score !== undefined && h('p.why-total', null, 'Score ', h('strong#why-score', { data: { value: String(score) } }, figure(score)));

/** First question: which parts of the model speak for it. */
function parts(row) {
  const entries = Object.entries(row.explanation.channels).filter(([, value]) => value !== 0).sort((a, b) => Math.abs(b[1]) - Math.abs(a[1]));
  const scale = biggest(entries.map(([, value]) => value));
  return [h('p', null, 'The list is sorted by score. The score is a sum: bars to the right speak for the item, bars to the left against it.'),
    h('h3', null, 'Which part of the model says so'),
    h('ul.why-bars', null, entries.map(([name, value]) => bar('why-channel', channels[name] ?? [name.replaceAll('_', ' '), ''], value, scale))),
    total(row.score)];
}

/** Second question: which past items brought this. The same sum, cut another way. */
function pasts(row, items) {
  const { past = [], other_past: other, without_past: without } = row.explanation;
  const scale = biggest([...past.map((one) => one.value), other ?? 0, without ?? 0]);
  const rests = [other !== undefined && ['All other past items', 'together', other], without !== undefined && ['Without any past', 'what a stranger would get', without]].filter(Boolean);
  return [h('h3', null, 'Which past items brought it here'),
    past.length === 0 && h('p.muted', null, 'No past item counts: nothing is known of this visitor, or nothing that bears on this item.'),
    h('ul.why-bars', null,
      past.map((one, at) => bar('why-past', [items[at].name || one.item, [items[at].type, items[at].colour].filter(Boolean).join(', ')], one.value, scale, items[at])),
      h('li.why-rest', null, h('ul.why-bars', null, rests.map(([title, about, value]) => bar('why-more', [title, about], value, scale))))),
    h('p.muted', null, `The same score, cut another way: ${past.length ? 'these bars' : 'this'} also ${past.length ? 'sum' : 'sums'} up to ${figure(row.score)}.`)];
}

const biggest = (values) => Math.max(1e-9, ...values.map(Math.abs));

function bar(kind, [title, about], value, scale, item) {
  const width = `${(50 * Math.abs(value)) / scale}%`;
  return h(`li.${kind}`, { data: { value: String(value) } },
    item && h('span.why-small', null, picture(item)),
    h('span.why-words', null, h('span', null, title), about && h('small', null, about)),
    h('span.why-track', { 'aria-hidden': 'true' }, h(`span.${value < 0 ? 'against' : 'for'}`, { style: { width } })),
    h('span.why-number', null, (value < 0 ? '−' : '+') + figure(Math.abs(value))));
}
