// Explore: the dial from selling to discovering, the list it draws, and what it costs.
import * as api from './api.js';
import { card } from './cards.js';
import { h, replace, announce } from './dom.js';
import { milliseconds, plural } from './format.js';
import { frontier } from './frontier.js';
import { ladder, mood, effect } from './policies.js';
import { problem, skeleton } from './problem.js';
import { state, listen, who } from './state.js';
import { visitorPicker, visitorName } from './visitor.js';

export const title = 'Explore: from selling to discovering';
const LENGTH = 12;
/** Moving the dial asks once it rests. */
const REST = 120;

const seed = () => crypto.getRandomValues(new Uint32Array(1))[0];

export async function show(main) {
  const dial = ladder(state.shop.policies);
  const last = dial.steps.length - 1;
  let step = dial.steps[dial.start];
  let timer;
  // What greedy shows this visitor: a promise of a set of ids, asked for once a visitor.
  let greedy = null;

  const input = h('input#dial', { type: 'range', min: 0, max: last, step: 1, 'aria-describedby': 'dial-effect' });
  input.value = String(dial.start);
  const words = h('strong#dial-mood');
  const told = h('p#dial-effect');
  const policy = h('code#policy');
  const copy = h('button', { type: 'button', onclick: () => copyText(step.policy, copy) }, 'Copy');
  const again = h('button#again', { type: 'button', onclick: () => draw(true) }, 'Draw again');
  const slate = h('div.slate');
  const note = h('p.slate-note.muted');
  const whose = h('span');
  const chart = frontier(dial);
  const ask = api.latest();

  main.append(
    h('h1', { tabindex: -1 }, title),
    h('p.lead', null, 'A shop that always shows its best guess sells well today and never learns what else would have been liked. ',
      'Move the dial: the list changes, and you see what the change costs.'),
    h('details.explore-visitor.panel', null, h('summary', null, 'The list is for ', whose, '. Choose somebody else'), visitorPicker()),
    h('div.explore', null,
      h('section.explore-dial.panel', { 'aria-labelledby': 'dial-head' },
        h('h2#dial-head', null, h('label', { for: 'dial' }, 'From selling to discovering')),
        h('p.dial-now', null, words),
        input,
        h('div.dial-ends', { 'aria-hidden': 'true' }, h('span', null, 'sell'), h('span', null, 'discover')),
        told,
        !dial.calibrated && h('p.pill-line', null, h('span.pill.warn', null, 'This model was not calibrated'),
          ' Training did not measure what chance costs, so these are common strengths.'),
        h('p.policy-line', null, h('span.muted', null, 'Policy '), policy, copy),
        h('p.muted', null, 'Send this text as “policy” in a request, and the list is drawn this way.')),
      h('section.explore-slate', { 'aria-labelledby': 'slate-head' },
        h('div.slate-head', null, h('h2#slate-head', null, 'The list it draws'), again),
        note, slate),
      h('section.explore-frontier.panel', { 'aria-labelledby': 'frontier-head' },
        h('h2#frontier-head', null, 'What discovering costs'),
        chart.about, chart.node, chart.table)),
    terms());

  function turn() {
    step = dial.steps[Number(input.value)];
    words.textContent = mood(step, dial);
    const cost = effect(step, dial, state.visitor?.kind === 'newcomer');
    told.textContent = cost;
    // It breaks between its parts and nowhere else.
    replace(policy, step.policy.split('+').flatMap((part, place) => (place === 0 ? [part] : ['+', h('wbr'), part])));
    input.setAttribute('aria-valuetext', `Step ${Number(input.value) + 1} of ${last + 1}: ${mood(step, dial)}. ${cost}`);
    chart.move(step);
  }

  /** Asks for the list; says what came when the visitor asked for another draw. */
  async function draw(aloud = false) {
    clearTimeout(timer);
    const signal = ask();
    const asked = step;
    slate.setAttribute('aria-busy', 'true');
    if (slate.childElementCount === 0) slate.append(skeleton(LENGTH));
    try {
      greedy ??= best(state.visitor);
      const [{ data, browser }, sure] = await Promise.all([
        api.recommend({ ...who(), mode: 'auto', limit: LENGTH, policy: asked.policy, seed: seed() }, { signal }), greedy]);
      const items = await api.cards(data.items.map((item) => item.id), { signal });
      if (signal.aborted) return;
      const found = data.items.filter((item) => !sure.has(item.id)).length;
      replace(slate, items.length === 0 ? h('p.empty', null, 'There is nothing to show to this visitor.')
        : h('div.cards', null, items.map((item, place) => cardOf(item, data.items[place], sure))));
      note.textContent = summary(asked, data, found, browser);
      if (aloud) announce(`Drawn again: ${plural(found, 'item')} that greedy would not show.`);
    } catch (error) {
      if (error.name === 'AbortError' || signal.aborted) return;
      greedy = null;
      note.textContent = '';
      replace(slate, problem(error, () => draw()));
    }
    slate.removeAttribute('aria-busy');
  }

  function visited() {
    greedy = null;
    whose.textContent = visitorName();
    turn();
    return draw();
  }

  input.addEventListener('input', () => {
    turn();
    clearTimeout(timer);
    timer = setTimeout(draw, REST);
  });
  const deaf = listen((fields) => { if ('visitor' in fields) visited(); });
  await visited();
  document.body.dataset.ready = 'explore';

  return () => {
    clearTimeout(timer);
    deaf();
    chart.end();
    ask();
  };
}

/** Ids of what greedy shows. Not ended with the draw that asked first: later draws need it as well. */
async function best(visitor) {
  const { data } = await api.recommend({ ...who(visitor), mode: 'auto', limit: LENGTH, policy: 'greedy' });
  return new Set(data.items.map((item) => item.id));
}

function cardOf(item, shown, sure) {
  const isFound = !sure.has(item.id);
  const node = card(item, { propensity: shown.propensity ?? null, note: isFound ? 'Greedy would not show this' : null });
  if (isFound) node.classList.add('is-found');
  return node;
}

function summary(step, data, found, browser) {
  const count = data.items.length;
  const words = [found === 0 ? `All ${count} are what greedy shows too.` : `${found} of ${count} are items that greedy would not show.`];
  words.push(step.temperature > 0
    ? 'Below each one stands its propensity: how likely it was to be drawn for its place, after those before it.'
    : 'Nothing is left to chance: every propensity is 100 %, so this log could not tell how another list would have done.');
  if (data.fallback) words.push('The model has nothing of its own for this visitor; the list is what sells.');
  if (data.degraded?.length > 0) words.push(`Left out, to be in time: ${data.degraded.join(', ')}.`);
  words.push(`Answered in ${milliseconds(browser)}.`);
  return words.join(' ');
}

async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
    announce('The policy is copied.');
  } catch {
    // Without a safe connection a page may not write there: select the text instead.
    getSelection().selectAllChildren(document.getElementById('policy'));
    button.textContent = 'Selected';
    announce('The policy is selected. Copy it with the keyboard.');
  }
  setTimeout(() => { button.textContent = 'Copy'; }, 2000);
}

const terms = () => h('section.panel.terms', { 'aria-labelledby': 'terms-head' },
  h('h2#terms-head', null, 'The words'),
  h('dl', null, [
    ['MAP@12', 'How well twelve places meet what people then really took: 1 when all of it stands first, 0 when none of it is there. High places count more.'],
    ['Propensity', 'How likely this item was to be drawn for this place, given those that stand before it. It is logged with every list, so that any other policy can be judged later from this log.'],
    ['Head and tail', 'The head is the 5 % of items taken most. All others are the tail: harder to find, and often liked once they are seen.'],
    ['Temperature', 'plackett_luce(T) draws place after place by chance. With a small T the best guess nearly always wins; with a larger T others get their turn.'],
    ['Temper', 'temper(G) takes weight from what sells most anyway. It turns the list towards the tail without chance.'],
  ].map(([term, text]) => h('div', null, h('dt', null, term), h('dd', null, text)))));
