// Models: the versions there are, how well each one guessed, and which one serves.
import * as api from './api.js';
import { comparison } from './compare.js';
import { sure } from './confirm.js';
import { h, replace, announce } from './dom.js';
import { day, figure, number, short } from './format.js';
import { empty, problem } from './problem.js';
import { refreshShop } from './refresh.js';
import { state } from './state.js';
import { weeksOf } from './weeks.js';

export const title = 'Models: which version serves, and how good it is';

const score = (model) => model.metrics?.['map@12'];
const told = (value, write = number) => (Number.isFinite(value) ? write(value) : 'unknown');
/** On what a figure was measured: versions may have been judged on different days. */
function judgedOn(model) {
  const weeks = model.judgement?.weeks ?? [];
  if (weeks.length === 0) return '';
  const span = weeks.length > 1 ? `mean of ${weeks.length} windows` : 'one window';
  return weeks.at(-1).end ? `${span} to ${day(weeks.at(-1).end)}` : span;
}
const scoreWords = (model) => (Number.isFinite(score(model)) ? `, MAP@12 ${figure(score(model))}${judgedOn(model) && ` (${judgedOn(model)})`}` : '');

export async function show(main) {
  const ask = api.latest();
  const ends = { weeks: null, compare: null };
  let ended = false;
  const body = h('div.models');
  main.append(h('h1', { tabindex: -1 }, title),
    h('p.lead', null, 'Each training makes a version. One of them serves everybody. You see how well each guessed purchases it had not seen, and you can change which one serves, and change it back.'),
    body);
  await start();

  async function start() {
    try {
      const { models } = await api.models({ signal: ask() });
      replace(body, models.length === 0 ? empty('There is no version yet.', 'Train a model, and it appears here.') : view(models));
      document.body.dataset.ready = 'models';
    } catch (error) {
      if (error.name === 'AbortError') return;
      replace(body, problem(error, start));
    }
  }

  function view(first) {
    let models = first, busy = false;
    const rows = h('tbody');
    const trouble = h('div');
    const back = h('button#rollback', { type: 'button', onclick: () => rollBack() }, 'Roll back');
    const about = h('p.muted');
    const judged = h('select#weeks-version', { onchange: () => drawWeeks() },
      models.map((model) => h('option', { value: model.version }, `${short(model.version)}, ${day(model.created)}`)));
    const plot = h('div.weeks');
    const mayChange = state.shop.can?.change_models !== false;
    const compare = comparison(models);
    ends.compare = compare.end;
    const currentPlace = () => models.findIndex((model) => model.current);
    const before = () => (currentPlace() < 0 ? undefined : models[currentPlace() + 1]);

    function fill() {
      replace(rows, models.map((model) => versionRow(model, mayChange && !busy, () => activate(model))));
      back.disabled = !mayChange || busy || !before();
      about.textContent = busy ? 'One moment: the server loads that version and tries it out.' : !mayChange ? 'This server does not let the page change which version serves.'
        : before() ? `Rolling back brings ${short(before().version)} back into service.`
          : 'There is no version before the current one, so nothing to roll back to.';
    }
    function drawWeeks() {
      ends.weeks?.();
      const weeks = weeksOf(models.find((model) => model.version === judged.value));
      ends.weeks = weeks.end;
      replace(plot, weeks.node);
    }

    /** Does it, asks the server what is so now, and tells. */
    async function alter(work, words) {
      replace(trouble);
      busy = true;
      fill();
      try {
        const { data } = await work();
        await refreshShop();
        if (ended) return;
        ({ models } = await api.models({ signal: ask() }));
        busy = false;
        fill();
        judged.value = data.model_version;
        drawWeeks();
        compare.update(models);
        announce(words(data.model_version));
        // The button that was pressed is disabled or gone now.
        (back.disabled ? rows.querySelector('button.activate:not(:disabled)') : back)?.focus();
      } catch (error) {
        busy = false;
        if (ended || error.name === 'AbortError') return;
        fill();
        replace(trouble, problem(error));
      }
    }
    async function activate(model) {
      const now = models[currentPlace()];
      const yes = await sure({ title: `Activate ${short(model.version)}?`, yes: 'Activate', text: [
        `From the next request on, all lists come from this version${scoreWords(model)}.`,
        now ? `Now ${short(now.version)} serves${scoreWords(now)}. It stays stored, so you can activate it again.` : 'No version serves now.'] });
      if (yes) await alter(() => api.activate(model.version), (version) => `Version ${version} serves now.`);
    }
    async function rollBack() {
      const [now, older] = [models[currentPlace()], before()];
      // The version that is named in the question, and no other, should somebody else have changed it meanwhile.
      const yes = await sure({ title: `Roll back to ${short(older.version)}?`, yes: 'Roll back', text: [
        `From the next request on, all lists come from the version before${scoreWords(older)}, made on ${day(older.created)}.`,
        `${short(now.version)}${scoreWords(now)} stays stored, so you can activate it again.`] });
      if (yes) await alter(() => api.activate(older.version), (version) => `Rolled back. Version ${version} serves now.`);
    }

    fill();
    judged.value = (models[currentPlace()] ?? models[0]).version;
    drawWeeks();
    return [
      h('section.panel', { 'aria-labelledby': 'versions-head' },
        h('h2#versions-head', null, 'The versions'),
        h('p.muted', null, 'MAP@12 tells how well twelve places meet what people then really took; higher is better. It was measured on purchases that training did not see; figures of different days are no contest. The dimension is how many numbers describe one person’s taste.'),
        trouble,
        h('div.table-wrap', { role: 'region', tabindex: '0', 'aria-label': 'Table of versions' },
          h('table#models', null, h('thead', null, h('tr', null,
            ['Version', 'MAP@12', 'Change', 'Knows days up to', 'Created', 'Events', 'Items', 'Dimension'].map((head) => h('th', { scope: 'col' }, head)))), rows)),
        h('div.actions', null, back, about)),
      h('section.panel', { 'aria-labelledby': 'weeks-head' },
        h('h2#weeks-head', null, 'How good it was on days it had not seen'),
        h('p.muted', null, 'Simple lists are hard to beat: what is popular, or what somebody bought before. A model is worth its cost only above them. The bars are 95 % intervals over customers.'),
        models.length > 1 && h('p.weeks-choice', null, h('label', { for: 'weeks-version' }, 'Version '), judged),
        plot),
      h('section.panel', { 'aria-labelledby': 'compare-head' },
        h('h2#compare-head', null, 'Two versions on one customer'),
        h('p.muted', null, 'A mean tells little about one person. Look at what each version would show to the same visitor before you change for all.'),
        compare.node),
    ];
  }

  return () => {
    ended = true;
    ask();
    ends.weeks?.();
    ends.compare?.();
  };
}

const versionRow = (model, mayChange, activate) => h(`tr${model.current ? '.is-current' : ''}`, { data: { version: model.version } },
  h('th', { scope: 'row' }, h('code', null, model.version), ' ',
    model.current ? h('span.pill.good', null, 'current') : model.in_service && h('span.pill', { title: 'Loaded beside the current one' }, 'loaded')),
  h('td', null, told(score(model), figure), judgedOn(model) && h('small.muted.judged-on', null, judgedOn(model))),
  h('td', null, h('button.activate', { type: 'button', data: { version: model.version }, disabled: model.current || !mayChange, onclick: activate,
    'aria-label': `Activate ${model.version}` }, model.current ? 'In use' : 'Activate')),
  // The action stands before these: on a phone they are what one scrolls to.
  h('td', null, day(model.last)),
  h('td', null, day(model.created)),
  h('td', null, told(model.events)),
  h('td', null, told(model.items)),
  h('td', null, told(model.dimension)));
