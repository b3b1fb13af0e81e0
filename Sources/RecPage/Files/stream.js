// The view "Stream": the shop's history sent again, many times faster, through the event log into the customers' windows.
import * as api from './api.js';
import { h, replace, announce } from './dom.js';
import { number, plural, percent, short } from './format.js';
import { problem, empty } from './problem.js';
import { windowsChart, sparkline } from './streamcharts.js';

export const title = 'Stream';
const speeds = [[3600, '1 hour a second'], [86400, '1 day a second'], [604800, '1 week a second'], [null, 'as fast as possible']];
const kinds = { purchase: 'bought', cart: 'put into the basket', view: 'looked at' };
const steps = [['Event generator', 'reads the history in its order'], ['Event log', 'keeps each event safe'],
  ['Stream processor', 'takes each event once'], ['Windows', 'the last 10 events of each customer'], ['Recommendations', 'read the windows']];

export async function show(main) {
  const ended = new AbortController(), { signal } = ended;
  let last = null, timer = 0, asked = 0, wanted = 86400, shownEvents = '', busy = false, lost = 0;

  const intro = [h('h1', { tabindex: -1 }, title), h('p.lead', null,
    'An event generator sends the shop’s history again, in its order, many times faster than it happened, through the event log; a stream processor keeps each customer’s last 10 events exact. Recommendations read these windows.')];
  const flow = h('ol.flow', { 'aria-label': 'The way of an event' }, steps.map(([name, does]) => h('li', null, h('strong', null, name), h('span', null, does))));

  const start = h('button#replay-start.primary', { type: 'button', onclick: () => command(() => api.startReplay(wanted), 'The replay runs.') }, 'Start the replay');
  const stop = h('button#replay-stop', { type: 'button', disabled: true, onclick: () => command(api.stopReplay, 'The replay has stopped.') }, 'Stop');
  const radios = speeds.map(([speed, label], k) => h('label.speed', null,
    h('input', { type: 'radio', name: 'replay-speed', value: String(speed), checked: speed === wanted, onchange: () => choose(speed) }), h('span', null, label), k === 1 && h('span.visually-hidden', null, ' (usual)')));
  const speedChoice = h('fieldset', null, h('legend', null, 'Speed: how much history passes in one second'), h('div.speeds', null, radios));

  const tile = (id, label) => {
    const value = h(`strong#${id}`, null, '–'), more = h('span', null, label);
    return { node: h('div.tile', null, value, more), value, more };
  };
  const sent = tile('replay-sent', 'events sent'), rate = tile('replay-rate', 'events a second'), lag = tile('replay-lag', 'sent, but not yet in a window'), moment = tile('replay-at', 'the moment of history');
  const bar = h('progress', { max: 1, 'aria-label': 'Part of the history that was sent' });
  const condition = h('p#replay-state', { role: 'status' }), trouble = h('div');
  const windows = windowsChart(), line = sparkline();
  const about = h('p.muted'), recent = h('ol#replay-recent');
  const body = h('div.stream', null,
    h('section.panel.controls', { 'aria-label': 'Replay' }, speedChoice, h('div.actions', null, start, stop, condition), trouble, bar),
    h('div.tiles', null, sent.node, rate.node, lag.node, moment.node),
    h('div.stream-charts', null,
      h('div.stream-side', null,
        h('section.panel', { 'aria-labelledby': 'windows-title' }, h('h2#windows-title', null, 'How full the windows are'), about, windows.node),
        h('section.panel', { 'aria-labelledby': 'rate-title' }, h('h2#rate-title', null, 'Events a second'), line.node)),
      h('section.panel', { 'aria-labelledby': 'recent-title' }, h('h2#recent-title', null, 'The last 12 events'), recent)));
  main.append(...intro, flow, body);

  const poll = async () => {
    clearTimeout(timer);
    const mine = ++asked;
    try {
      const data = await api.replay({ signal });
      // What was asked before a button was pressed is older than the button's answer.
      if (mine === asked && !signal.aborted) {
        if (lost > 0) trouble.replaceChildren();
        lost = 0;
        tell(data);
      }
    } catch (error) {
      if (signal.aborted || mine !== asked) return;
      // One lost question is no trouble; several are, and asking goes on.
      lost += 1;
      if (last === null || lost >= 3) fail(error);
      if (last) again(Math.min(8000, 500 * 2 ** lost));
    }
    if (!signal.aborted) document.body.dataset.ready = 'stream';
  };
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible' && last?.running) poll(); }, { signal });
  poll();
  return () => {
    ended.abort();
    clearTimeout(timer);
  };

  function fail(error) {
    replace(trouble, problem(error, () => { trouble.replaceChildren(); poll(); }));
  }

  async function command(act, words) {
    if (busy) return;
    busy = true;
    const mine = ++asked, focused = document.activeElement;
    clearTimeout(timer);
    trouble.replaceChildren();
    condition.textContent = 'One moment …';
    try {
      const data = await act();
      if (signal.aborted) return;
      busy = false;
      tell(data);
      announce(words);
      // A speed that was chosen meanwhile.
      if (data.running && (data.speed ?? null) !== wanted) choose(wanted);
      // The button that was pressed is at rest now: the focus goes to the one that works.
      if (focused === start || focused === stop) (start.disabled ? stop : start).focus();
    } catch (error) {
      busy = false;
      if (signal.aborted) return;
      fail(error);
      if (last && mine === asked) { describe(last); again(); }
    }
  }

  function choose(speed) {
    wanted = speed;
    if (last?.running) command(() => api.startReplay(speed), 'The speed has changed.');
  }

  function again(wait = 500) {
    clearTimeout(timer);
    if (last.running && document.visibilityState === 'visible' && !signal.aborted) timer = setTimeout(poll, wait);
  }

  function tell(data) {
    const first = last === null;
    last = data;
    if (!data.available) {
      replace(body, empty('No replay on this server', 'Its events go through an outside event log. There two programs do the same work, at any scale: one sends the history, the other keeps the windows.',
        h('p', null, h('code', null, 'rec-replay'), ' sends, ', h('code', null, 'rec-process'), ' keeps. To see it here, start ', h('code', null, 'rec-sample'), ', or ', h('code', null, 'rec-serve'), ' with its own embedded store.')));
      return;
    }
    if (first && data.running) {
      const place = Math.max(0, speeds.findIndex(([speed]) => speed === (data.speed ?? null)));
      wanted = speeds[place][0];
      radios[place].querySelector('input').checked = true;
    }
    start.disabled = data.running;
    stop.disabled = !data.running;
    start.textContent = data.sent > 0 && !data.running ? (data.sent >= data.total ? 'Start again from the front' : 'Go on') : 'Start the replay';

    sent.value.dataset.value = String(data.sent);
    sent.value.textContent = number(data.sent);
    sent.more.textContent = data.total > 0 ? `of ${number(data.total)} events sent` : 'events sent';
    rate.value.textContent = number(Math.round(data.running ? data.events_per_second : 0));
    lag.value.textContent = number(data.lag);
    moment.value.textContent = data.at ? data.at.slice(0, 10) : '–';
    moment.more.textContent = data.at ? `${data.at.slice(11, 16)}, the moment of history` : 'the moment of history';
    bar.value = data.total > 0 ? Math.min(1, data.sent / data.total) : 0;
    const { customers, full, filling } = data.windows;
    about.textContent = customers > 0
      ? `${plural(customers, 'customer')} ${customers === 1 ? 'has' : 'have'} a window; ${number(full)} of them (${percent(full / customers)}) hold the full 10 events.`
      : 'No window is filled yet. They fill as events arrive.';
    windows.set(filling);
    line.add(data.running ? data.events_per_second : 0);
    list(data.recent);
    describe(data);
    again();
  }

  function describe(data) {
    const words = data.failed ? '' : data.running ? 'Running.' : data.total > 0 && data.sent >= data.total ? 'The whole history was sent.' : data.sent > 0 ? 'Stopped. It goes on from here.' : 'Ready.';
    if (condition.textContent !== words) condition.textContent = words;
    if (data.failed && !trouble.firstChild) replace(trouble, problem(new Error(`the replay ended before its end: ${data.failed}`)));
  }

  /** Made anew only when there is something new: a list that is being read does not jump. */
  function list(events) {
    const key = events.map((one) => `${one.customer} ${one.item} ${one.timestamp}`).join();
    if (key === shownEvents && recent.firstChild) return;
    shownEvents = key;
    replace(recent, events.length === 0 ? h('li.muted', null, 'None yet.') : events.map((one) => h('li', null,
      h('span.when.muted', null, `${one.timestamp.slice(0, 10)} ${one.timestamp.slice(11, 16)}`),
      h('span', null, h('code', { title: one.customer }, short(one.customer)), ` ${kinds[one.kind] ?? one.kind} `, h('strong', null, one.name)))));
  }
}
