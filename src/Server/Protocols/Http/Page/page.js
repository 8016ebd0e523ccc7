// The live page: one state, read by a few calls at the start and then kept by one EventSource, which comes back by itself after a cut.
// Text from the server becomes text nodes only.

const SHOWN = 50; // open tasks of a kind
const KEPT = 2 * SHOWN; // a reserve for tasks that end
const FEED = 200; // changes in the feed
const HISTORY = 100; // revisions before now that fill the feed at the start
const DRAW = 100, SOON = 500, CALM = 15_000, RELOAD = 5_000, LONGEST = 30_000; // milliseconds

const KINDS = [
  kindOf('Agent task', 'agentTask', '/agent-tasks', 'QUEUED PLANNING AWAITING_APPROVAL EXECUTING BLOCKED', 'COMPLETED FAILED CANCELED'),
  kindOf('Board task', 'boardTask', '/agents/tasks', 'BACKLOG ASSIGNED RUNNING REVIEW', 'DONE'),
  kindOf('Task execution', 'taskExecution', '/task-executions', 'QUEUED RUNNING', 'COMPLETED FAILED CANCELED STALE'),
  kindOf('Flow execution', 'flowExecution', '/flow-executions', 'QUEUED RUNNING', 'COMPLETED FAILED CANCELED'),
  kindOf('Monitor task', 'monitorTask', '/tasks', 'ACTIVE PAUSED', ''),
  kindOf('Delivery', 'delivery', '/deliveries', 'PENDING DELIVERING RETRYING', 'DELIVERED DEAD CANCELED'),
];

const TONES = {
  PLANNING: 'work', EXECUTING: 'work', RUNNING: 'work', DELIVERING: 'work',
  AWAITING_APPROVAL: 'wait', BLOCKED: 'wait', REVIEW: 'wait', RETRYING: 'wait', PAUSED: 'wait',
  COMPLETED: 'good', DONE: 'good', DELIVERED: 'good', ACTIVE: 'good', FAILED: 'bad', DEAD: 'bad',
};

let source, drawing, checking, starting;
let feed = [];
let last = 0; // the revision up to which everything has arrived
let delay = 1000;
const part = new Set(); // what has arrived of the revision after it, which may come in several messages

function kindOf(name, field, path, open, closed) {
  const plural = name.replace(/y$/, 'ie') + 's';
  const words = text => text.split(' ').filter(Boolean);
  return {
    name, plural, field, path, open: words(open), closed: words(closed), code: name.toUpperCase().replace(' ', '_'),
    items: field.replace(/y$/, 'ie') + 's', isLeased: /^(agentTask|boardTask|taskExecution)$/.test(field),
    counts: new Map(), countedAt: 0, tasks: new Map(), listedAt: 0, loaded: 0, changed: null,
  };
}

// --- Reading the state

async function get(path, parameters = {}) {
  const answer = await fetch(`${path}?${new URLSearchParams(parameters)}`, { signal: AbortSignal.timeout(10_000) });
  if (!answer.ok) throw Object.assign(new Error(`${path} answered ${answer.status}`), { status: answer.status });
  return answer.json();
}

// Reads everything anew and opens the stream some revisions earlier: what the counts and lists contain already is not applied again.
async function start() {
  try {
    const log = await get('/changes', { pageSize: 1 });
    const views = await Promise.all(KINDS.map(async kind => [await count(kind), await list(kind)]));
    KINDS.forEach((kind, i) => Object.assign(kind, ...views[i]));
    const head = Math.min(...KINDS.flatMap(kind => [kind.countedAt, kind.listedAt]));
    last = Math.max(0, head - HISTORY, number(log.oldestRevision) - 1);
  } catch {
    return startAgain();
  }
  feed = [];
  part.clear();
  draw();
  source = new EventSource(`/watch?afterRevision=${last}`);
  source.onopen = check;
  source.onerror = () => source.readyState === EventSource.CLOSED ? startAgain() : show('reconnecting');
  source.addEventListener('change', receive);
  // The stream cannot go on after this one, for example because the database was restored.
  source.addEventListener('status', event => event.lastEventId === 'end' && startAgain());
}

function startAgain() {
  source?.close();
  source = undefined;
  show('reconnecting');
  clearTimeout(checking);
  clearTimeout(starting);
  starting = setTimeout(start, delay);
  delay = Math.min(2 * delay, LONGEST);
}

// How many there are in each status; unknown where counting takes the server too long.
async function count(kind) {
  try {
    const answer = await get('/statistics:count', { kind: `RESOURCE_KIND_${kind.code}`, groupBy: 'status' });
    const groups = answer.groups ?? [];
    return { counts: new Map(groups.map(g => [short(g.values.status), number(g.count)])), countedAt: number(answer.revision) };
  } catch (error) {
    if (error.status !== 504) throw error;
    return { counts: null, countedAt: Infinity };
  }
}

// The open tasks that changed last, and those that somebody holds.
async function list(kind) {
  const status = kind.open.map(status => `status = ${status}`).join(' OR ');
  const order = kind.field === 'monitorTask' ? 'created_at desc' : 'updated_at desc';
  const filters = kind.isLeased ? [status, `(${status}) AND lease.worker:*`] : [status];
  const pages = await Promise.all(filters.map(filter => get(kind.path, { filter, orderBy: order, pageSize: SHOWN })));
  // The oldest of them first, so that the newer state of a task replaces the older one.
  pages.sort((a, b) => number(a.revision) - number(b.revision));
  const tasks = pages.flatMap(page => page[kind.items] ?? []).map(task => taskOf(kind, task, task.updatedAt ?? task.createdAt));
  return { ...kept(tasks), listedAt: number(pages[0].revision) };
}

function kept(tasks) {
  const byId = new Map(tasks.map(task => [task.id, task]));
  return { tasks: byId, loaded: byId.size };
}

// Lists a kind again once half of the tasks that the page kept have ended and more are open. A task that changes meanwhile keeps the state
// that the stream brought.
function reload(kind) {
  if (kind.changed || kind.tasks.size >= Math.min(openCount(kind), kind.loaded / 2)) return;
  kind.changed = new Set();
  setTimeout(async () => {
    const stream = source, changed = kind.changed;
    try {
      const view = await list(kind);
      if (stream !== source) return;
      for (const id of view.listedAt < last ? changed : []) {
        view.tasks.delete(id);
        if (kind.tasks.has(id)) view.tasks.set(id, kind.tasks.get(id));
      }
      Object.assign(kind, view);
    } catch {
      // The next drawing tries again.
    } finally {
      kind.changed = null;
      draw();
    }
  }, RELOAD);
}

// --- Following the changes

function receive(message) {
  const { events = [], revision } = JSON.parse(message.data);
  for (const { change, match } of events) apply(change, match);
  if (revision) {
    last = number(revision);
    part.clear();
  }
  draw();
}

function apply(change, match) {
  const kind = KINDS.find(kind => change[kind.field]);
  const resource = change[kind.field], revision = number(change.revision), key = `${revision} ${resource.id ?? resource.taskId}`;
  if (revision <= last || part.has(key)) return;
  part.add(key);
  const task = taskOf(kind, resource, change.changedAt);
  if (revision > kind.countedAt) {
    if (match !== 'FILTER_MATCH_ENTERED') add(kind, change.transition?.from ? short(change.transition.from) : task.status, -1);
    if (match !== 'FILTER_MATCH_LEFT') add(kind, task.status, 1);
  }
  if (revision > kind.listedAt) {
    kind.changed?.add(task.id);
    kind.tasks.delete(task.id);
    if (match !== 'FILTER_MATCH_LEFT' && kind.open.includes(task.status)) kind.tasks.set(task.id, task);
    if (kind.tasks.size > KEPT) Object.assign(kind, kept(ranked(kind).slice(0, SHOWN)));
  }
  feed.unshift(entryOf(kind, task, change, revision));
  feed.length = Math.min(feed.length, FEED);
}

function add(kind, status, difference) {
  kind.counts.set(status, (kind.counts.get(status) ?? 0) + difference);
}

// A stream can stay open and bring nothing, so the page asks now and then whether the log has more than it has received.
async function check() {
  clearTimeout(checking);
  const stream = source;
  if (document.getElementById('pill').dataset.state !== 'live') show('behind');
  let state = 'behind';
  try {
    const page = await get('/changes', { afterRevision: last, pageSize: 1 });
    if (!page.events || number(page.events[0].change.revision) <= last) state = 'live';
  } catch (error) {
    if (error.status === 400 && stream === source) return startAgain();
  }
  if (stream !== source || stream.readyState !== EventSource.OPEN) return;
  if (state === 'live') delay = 1000;
  show(state);
  checking = setTimeout(check, state === 'live' ? CALM : SOON);
}

// --- What is shown of a task and of a change

function taskOf(kind, resource, changed) {
  const task = {
    id: resource.id ?? resource.taskId,
    title: resource.title ?? resource.intent ?? resource.taskName ?? resource.triggerKey ?? resource.workflowId,
    status: short(resource.status), isHeld: Boolean(resource.lease), holder: holderOf(resource), notes: notesOf(resource), changed,
  };
  task.path = `${kind.path}/${task.id}`;
  task.text = [kind.name, task.status, label(task.status), task.title, task.id, task.holder, ...task.notes].join(' ').toLowerCase();
  return task;
}

function holderOf({ lease, assignedToUserId, assignedToInstanceId, assignedToTypeId }) {
  if (lease) return `Held by ${lease.worker}, ${actor(lease.holder)}`;
  const assignee = assignedToUserId ?? assignedToInstanceId ?? assignedToTypeId;
  return assignee ? `Assigned to ${assignee}` : '';
}

function notesOf({ progress, overdue, cancelRequested, openBlockers, attemptCount }) {
  return [
    progress?.percent !== undefined && `${progress.percent} %`, overdue && 'overdue', cancelRequested && 'cancel requested',
    openBlockers && `open blockers: ${openBlockers}`, attemptCount && `attempts: ${attemptCount}`,
  ].filter(Boolean);
}

function entryOf(kind, task, change, revision) {
  const fields = (change.changedFields ?? '').split(',').filter(field => !['', 'etag', 'updatedAt'].includes(field)).map(spaced);
  const did = { CHANGE_TYPE_CREATED: 'Created', CHANGE_TYPE_UPDATED: `Updated ${fields.join(', ')}`, CHANGE_TYPE_DELETED: 'Deleted' };
  const entry = {
    kind, task, revision, at: change.changedAt, did: did[change.type] ?? '', from: short(change.transition?.from ?? ''),
    by: change.actor ? actor(change.actor) : '', reason: change.reason ?? '',
  };
  entry.text = [task.text, entry.did, entry.from, label(entry.from), entry.by, entry.reason].join(' ').toLowerCase();
  return entry;
}

const number = text => Number(text ?? 0);
const short = status => status.replace(/^.*_STATUS_/, '');
const label = status => capital(status.toLowerCase().replaceAll('_', ' '));
const spaced = field => field.replace(/[A-Z]/g, letter => ` ${letter.toLowerCase()}`);
const capital = text => text.slice(0, 1).toUpperCase() + text.slice(1);
const actor = ({ type, id = '' }) => {
  const name = type.replace('ACTOR_TYPE_', '').toLowerCase();
  return id === name ? name : `${name} ${id}`.trim();
};
const sum = numbers => numbers.reduce((a, b) => a + b, 0);
const openCount = kind => kind.counts ? sum(kind.open.map(status => kind.counts.get(status) ?? 0)) : 0;
const ranked = kind => [...kind.tasks.values()].sort((a, b) => b.isHeld - a.isHeld || Date.parse(b.changed) - Date.parse(a.changed));

// --- Drawing

const figures = new Intl.NumberFormat();
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium', hourCycle: 'h23' });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const at = id => document.getElementById(id);

function el(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

function show(state) {
  const pill = at('pill');
  if (pill.dataset.state === state) return;
  pill.dataset.state = state;
  pill.textContent = capital(state);
}

// Once in a while, however many changes come.
function draw() {
  drawing ??= setTimeout(() => {
    drawing = undefined;
    const words = at('filter').value.toLowerCase().split(/\s+/).filter(Boolean);
    const focused = document.activeElement.id;
    KINDS.forEach(reload);
    at('counts').replaceChildren(...KINDS.map(card));
    drawOpen(words);
    const rows = matching(feed, words).map(entry => entry.row ??= feedRow(entry));
    place(at('feed'), rows);
    note('no-feed', rows.length, feed.length, 'Nothing has changed yet.', 'No change matches the filter.');
    const total = sum(KINDS.map(kind => kind.counts ? sum([...kind.counts.values()]) : 1));
    at('empty').hidden = total > 0 || feed.length > 0;
    if (focused && document.activeElement.id !== focused) at(focused)?.focus({ preventScroll: true });
  }, DRAW);
}

const matching = (entries, words) => entries.filter(({ text }) => words.every(word => text.includes(word)));

function card(kind) {
  const total = kind.counts ? sum([...kind.counts.values()]) : 0;
  const lines = [...kind.open, ...kind.closed].filter(status => kind.counts?.get(status)).map(status =>
    el('li', '', statusOf(status), el('b', '', figures.format(kind.counts.get(status)))));
  const head = el('h2', '', kind.plural, el('b', '', kind.counts ? figures.format(total) : '–'));
  const rest = kind.counts ? 'None' : 'Too many to count';
  return el('div', 'card', head, lines.length > 0 ? el('ul', '', ...lines) : el('p', 'note', rest));
}

function drawOpen(words) {
  const shown = KINDS.map(kind => ({ kind, tasks: ranked(kind).slice(0, SHOWN) }));
  for (const { kind, tasks } of shown) {
    kind.group ??= at('open').appendChild(el('section', 'group', el('h3'), el('ul'), el('p', 'note more')));
    const [head, rows, more] = kind.group.children;
    const found = matching(tasks, words);
    const left = Math.max(0, openCount(kind) - tasks.length);
    kind.group.hidden = found.length === 0;
    head.textContent = `${kind.plural} · ${figures.format(found.length + (words.length > 0 ? 0 : left))}`;
    place(rows, found.map(task => task.row ??= openRow(task)));
    more.textContent = left === 0 ? '' : `and ${figures.format(left)} more${words.length > 0 ? ', which the filter does not search' : ''}`;
  }
  const all = sum(shown.map(({ tasks }) => tasks.length)), found = sum(shown.map(({ tasks }) => matching(tasks, words).length));
  note('no-open', found, all, 'Nothing is open.', 'No open task matches the filter.');
}

function note(id, found, all, none, unmatched) {
  at(id).hidden = found > 0;
  at(id).textContent = all === 0 ? none : unmatched;
}

// Moves as few nodes as possible, so that the reader's place and selection stay.
function place(list, rows) {
  const wanted = new Set(rows);
  for (const row of [...list.children]) if (!wanted.has(row)) row.remove();
  rows.forEach((row, i) => list.children[i] !== row && list.insertBefore(row, list.children[i] ?? null));
}

function openRow(task) {
  const title = link(task);
  title.id = `open-${task.id}`;
  const facts = [task.holder && el('bdi', 'holder', task.holder), ...task.notes.map(text => el('span', 'flag', text))].filter(Boolean);
  return el('li', '', statusOf(task.status), el('div', 'about', title, el('p', 'facts', ...facts),
    el('p', 'dim', el('code', '', task.id), time(task.changed))));
}

function feedRow({ task, kind, did, from, by, reason, at, revision }) {
  const move = did ? [el('span', 'did', did)] : [statusOf(from), el('span', 'to', '→')];
  const facts = [el('span', 'move', ...move, statusOf(task.status)), by && el('bdi', 'by', `by ${by}`)].filter(Boolean);
  return el('li', '', el('p', 'when', time(at), el('span', 'revision', `#${revision}`)), el('div', 'about',
    el('p', 'what', link(task), el('span', 'kind', kind.name)), el('p', 'facts', ...facts),
    reason && el('p', 'reason', el('bdi', '', reason))));
}

function link(task) {
  const node = el('a', 'title', el('bdi', '', task.title));
  node.href = task.path;
  return node;
}

function statusOf(status) {
  return el('span', `status ${TONES[status] ?? ''}`, label(status));
}

function time(moment) {
  const date = new Date(moment);
  const isToday = date.toDateString() === new Date().toDateString();
  const node = el('time', '', isToday ? clock.format(date) : `${calendar.format(date)} ${clock.format(date)}`);
  node.dateTime = moment;
  return node;
}

// --- The controls

at('filter').addEventListener('input', draw);
at('first').textContent = `curl ${location.origin}/agent-tasks \\
  -H 'Content-Type: application/json' \\
  -d '{"title": "Refund order 1042", "taskType": "refund", "sourceType": "SOURCE_TYPE_OPERATOR"}'`;
at('copy').addEventListener('click', async () => {
  await navigator.clipboard.writeText(at('first').textContent);
  at('copy').textContent = 'Copied';
});
start();
