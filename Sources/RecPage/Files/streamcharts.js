// The two charts of the stream: how full the windows are, and how many events came in the last minute.
import { h, s, replace } from './dom.js';
import { number, percent } from './format.js';

/** Width in which a chart is drawn: near that in which it is shown, so that its words are of the page's size. */
const drawn = () => (innerWidth < 700 ? 340 : 560);

/** Customers by the events in their window, 0 to 10. Gives { node, set(filling) }. The bars are moved, not made anew. */
export function windowsChart() {
  const width = drawn(), height = 230, left = 4, bottom = 34, top = 22, step = (width - 2 * left) / 11;
  const room = height - bottom - top;
  const bars = Array.from({ length: 11 }, (_, k) => {
    const x = left + k * step;
    return {
      bar: s('rect', { x: x + 3, width: step - 6, y: height - bottom, height: 0, rx: 3, fill: 'var(--accent)', opacity: k === 10 ? 1 : 0.62 }),
      count: s('text', { x: x + step / 2, y: 0, 'text-anchor': 'middle' }),
      label: s('text', { x: x + step / 2, y: height - bottom + 16, 'text-anchor': 'middle' }, String(k)),
    };
  });
  const chart = s('svg#windows.chart', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'Customers by events in their window' },
    s('line', { x1: left, x2: width - left, y1: height - bottom + 0.5, y2: height - bottom + 0.5, stroke: 'var(--edge)' }),
    bars.map(({ bar, count, label }) => [bar, count, label]),
    s('text', { x: width / 2, y: height - 2, 'text-anchor': 'middle' }, 'events in the window'));
  const table = h('tbody');
  const node = h('div', null, chart, h('details', null, h('summary', null, 'The same as a table'),
    h('table', null, h('thead', null, h('tr', null, h('th', { scope: 'col' }, 'Events in the window'), h('th', { scope: 'col' }, 'Customers'))), table)));
  return {
    node,
    set(filling) {
      const all = filling.reduce((sum, value) => sum + value, 0), most = Math.max(1, ...filling);
      bars.forEach(({ bar, count }, k) => {
        const value = filling[k] ?? 0, high = value === 0 ? 0 : Math.max(2, room * value / most);
        bar.setAttribute('y', height - bottom - high);
        bar.setAttribute('height', high);
        count.setAttribute('y', height - bottom - high - 6);
        count.textContent = value === 0 ? '' : brief(value);
      });
      const full = filling[10] ?? 0;
      chart.setAttribute('aria-label', `Customers by events in their window: ${number(all)} windows, ${number(full)} of them full${all ? ` (${percent(full / all)})` : ''}`);
      replace(table, filling.map((value, k) => h('tr', null, h('td', null, String(k)), h('td', null, number(value)))));
    },
  };
}

const brief = (value) => (value < 1000 ? number(value) : `${(value / 1000).toFixed(value < 100_000 ? 1 : 0)}k`);

/** Events per second of the last minute. Gives { node, add(rate, now) }. */
export function sparkline() {
  const width = drawn(), height = 120, minute = 60_000, samples = [];
  const area = s('path', { fill: 'var(--accent)', opacity: 0.16 }), line = s('path', { fill: 'none', stroke: 'var(--accent)', 'stroke-width': 2, 'stroke-linejoin': 'round' });
  const most = s('text', { x: 4, y: 13 });
  const node = s('svg#rate-chart.chart', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'Events per second in the last minute' },
    s('line', { x1: 0, x2: width, y1: height - 18.5, y2: height - 18.5, stroke: 'var(--edge)' }), area, line, most,
    s('text', { x: 4, y: height - 4 }, 'a minute ago'), s('text', { x: width - 4, y: height - 4, 'text-anchor': 'end' }, 'now'));
  return {
    node,
    add(rate, now = performance.now()) {
      samples.push([now, rate]);
      while (samples.length > 2 && samples[1][0] < now - minute) samples.shift();
      const peak = samples.reduce((high, [, value]) => Math.max(high, value), 0), scale = peak || 1;
      const points = samples.map(([then, value]) => `${(width * Math.max(0, 1 - (now - then) / minute)).toFixed(1)} ${(height - 18 - (height - 38) * value / scale).toFixed(1)}`);
      line.setAttribute('d', `M${points.join('L')}`);
      area.setAttribute('d', `M${points.join('L')}L${width} ${height - 18}L${points[0].split(' ')[0]} ${height - 18}Z`);
      most.textContent = peak > 0 ? `highest: ${number(Math.round(peak))} a second` : 'no events in the last minute';
      node.setAttribute('aria-label', `Events per second in the last minute: now ${number(Math.round(rate))}, highest ${number(Math.round(peak))}`);
    },
  };
}
