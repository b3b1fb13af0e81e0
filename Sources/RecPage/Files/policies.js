// The dial from selling to discovering: the policies it stands for, as texts, numbers and words.
import { percent } from './format.js';

/** Temperatures (nats) for a model whose strengths were not measured: from no chance to much of it. */
const DEFAULTS = [0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8];

/** `plackett_luce(T)+temper(G)` and its shorter forms as { temperature, temper, rest }; null for others. */
export function parse(text) {
  const policy = { temperature: 0, temper: 0, rest: '' };
  // A plus sign inside of brackets belongs to a number such as 1e+2.
  for (const part of String(text).replaceAll(' ', '').split(/\+(?![^(]*\))/)) {
    const [, name, inside] = /^(\w+)(?:\((.*)\))?$/.exec(part) ?? [];
    if (name === 'plackett_luce') policy.temperature = Number(inside);
    else if (name === 'temper') policy.temper = Number(inside);
    else if (name === 'reserve') policy.rest += `+${part}`;
    else if (name !== 'greedy') return null;
  }
  return Number.isFinite(policy.temperature) && Number.isFinite(policy.temper) ? policy : null;
}

const plain = (value) => String(Number(value.toPrecision(4)));

export const write = ({ temperature, temper, rest = '' }) =>
  (temperature > 0 ? `plackett_luce(${plain(temperature)})` : 'greedy') + (temper > 0 ? `+temper(${plain(temper)})` : '') + rest;

const middle = (a, b) => (a + b) / 2;

/** One policy between two that were measured; what it keeps and finds is guessed on the straight line. */
function between(a, b) {
  const policy = { temperature: middle(a.temperature, b.temperature), temper: middle(a.temper, b.temper), rest: a.rest === b.rest ? a.rest : '' };
  return { ...policy, policy: write(policy), kept: middle(a.kept, b.kept), tail: middle(a.tail, b.tail), measured: false };
}

/** { calibrated, loss, steps: [{ policy, temperature, temper, kept, tail, measured }], start: place of the dial at first }. */
export function ladder(policies) {
  const loss = policies?.loss ?? 0.03;
  const points = (policies?.frontier ?? []).map((point) => ({ ...point, ...parse(point.policy), measured: true }))
    .filter((point) => point.temperature !== undefined && Number.isFinite(point.kept) && Number.isFinite(point.tail));
  if (points.length < 2) {
    const steps = DEFAULTS.map((temperature) => ({ temperature, temper: 0, policy: write({ temperature, temper: 0 }), kept: null, tail: null, measured: false }));
    return { calibrated: false, loss, steps, start: 2 };
  }
  const steps = points.flatMap((point, place) => (place === 0 ? [point] : [between(points[place - 1], point), point]))
    .filter((step, place, all) => place === 0 || step.policy !== all[place - 1].policy);
  const last = steps.at(-1);
  // The far end shall leave something to chance, else nothing could be learnt from its log.
  if (last.temperature === 0) {
    const policy = { temperature: 0.1, temper: last.temper, rest: last.rest };
    steps.push({ ...policy, policy: write(policy), kept: last.kept, tail: last.tail, measured: false, beyond: true });
  }
  const start = Math.max(0, steps.findLastIndex((step) => step.measured && step.kept >= 1 - loss));
  return { calibrated: true, loss, steps, start };
}

/** Where a step stands, in a few words. */
export function mood(step, { calibrated, loss }) {
  if (step.temperature === 0 && step.temper === 0) return 'Only selling';
  if (!calibrated) return step.temperature <= 0.05 ? 'Mostly selling' : step.temperature <= 0.2 ? 'Selling and discovering' : 'Mostly discovering';
  if (step.kept >= 1 - loss / 2) return 'Nearly all selling';
  if (step.kept >= 1 - loss) return 'Selling with some discovery';
  return step.kept >= 0.8 ? 'More discovery than training allows' : 'Mostly discovering';
}

/** What a step costs and brings. */
export function effect(step, { calibrated }, isNewcomer = false) {
  if (!calibrated) return 'What it costs was not measured for this model.';
  const words = `keeps ${percent(step.kept, 1)} of MAP@12 and gives ${percent(step.tail)} of the places to items outside the head`;
  if (step.beyond) return 'Beyond what was measured: it draws by chance as well.';
  const on = isNewcomer ? 'Not measured for newcomers. On customers with a past' : step.measured ? 'Measured on customers with a past' : 'Between two measured points';
  return `${on}: it ${words}${step.measured ? '' : ', about'}.`;
}
