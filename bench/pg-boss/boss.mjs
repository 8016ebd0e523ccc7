// pg-boss as the load tool runs it. The first argument is the database, the second is the mode:
//   queue CONNECTIONS     reads commands from stdin, a line each, and answers each with a line of JSON:
//                         'fill JOBS', 'run MILLISECONDS JOBS BATCH'
//   supervise SECONDS JOBS
//                         makes the queue with so many jobs that expire so many seconds after a fetch, and ends expired ones every second
//   worker MILLISECONDS   takes one job at a time, works that long, completes it, and prints 'JOB FETCH OUTCOME' for each; a job's later
//                         fetch has a higher number
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import PgBoss from 'pg-boss'

const [connectionString, mode, ...rest] = process.argv.slice(2)
const queue = 'jobs'
const workers = 64
const inInsert = 1000
const description = 'lorem ipsum '.repeat(20)

const boss = new PgBoss({
  connectionString,
  max: mode === 'queue' ? Number(rest[0]) : 2,
  supervise: mode === 'supervise',
  schedule: false,
  maintenanceIntervalSeconds: mode === 'supervise' ? 1 : 120
})
boss.on('error', error => {
  console.error(error)
  process.exit(1)
})
await boss.start()

// The fields of our tasks, with a random priority as they have.
const job = options => ({
  name: queue,
  priority: Math.floor(Math.random() * 200),
  data: {
    task_type: `queue-${Math.floor(Math.random() * 10)}`,
    title: `Task ${Math.floor(Math.random() * 2 ** 31)}`,
    description,
    assigned_agent_role: `role-${Math.floor(Math.random() * 10)}`
  },
  ...options
})

async function fill (jobs, options = {}) {
  for (let left = jobs; left > 0; left -= inInsert) {
    await boss.insert(Array.from({ length: Math.min(left, inInsert) }, () => job(options)))
  }
}

// 64 loops of fetch and complete, until the time is up or the given number of jobs is done.
async function run (milliseconds, jobs, batch) {
  const begun = performance.now()
  const times = []
  let done = 0
  await Promise.all(Array.from({ length: workers }, async () => {
    while (done < jobs && performance.now() - begun < milliseconds) {
      const started = performance.now()
      const fetched = await boss.fetch(queue, { batchSize: batch })
      if (fetched.length > 0) {
        await boss.complete(queue, fetched.map(({ id }) => id))
        done += fetched.length
        times.push(performance.now() - started)
      }
    }
  }))
  return { done, milliseconds: performance.now() - begun, times }
}

async function work (milliseconds) {
  while (true) {
    const [taken] = await boss.fetch(queue, { includeMetadata: true })
    if (!taken) {
      await pause(100)
      continue
    }
    await pause(milliseconds)
    const { affected } = await boss.complete(queue, taken.id)
    // complete() does not fail for a job that the worker has lost: it changes nothing and returns.
    console.log(`${taken.id} ${taken.retryCount} ${affected > 0 ? 'accepted' : 'ignored'}`)
  }
}

if (mode === 'worker') {
  console.log('ready')
  await work(Number(rest[0]))
} else if (mode === 'supervise') {
  await boss.createQueue(queue)
  await fill(Number(rest[1]), { expireInSeconds: Number(rest[0]), retryLimit: 1000 })
  console.log('ready')
} else {
  await boss.createQueue(queue)
  console.log('ready')
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, ...numbers] = line.split(' ')
    const answer = command === 'fill' ? await fill(Number(numbers[0])) : await run(...numbers.map(Number))
    console.log(JSON.stringify(answer ?? {}))
  }
  process.exit(0)
}
