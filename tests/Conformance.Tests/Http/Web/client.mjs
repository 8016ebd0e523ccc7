// What a browser does with connect-web: calls, a refusal with its details, and a watch. Prints one line of JSON for each step.
import { readFileSync } from 'node:fs';
import { createFileRegistry, fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { createClient, ConnectError, Code } from '@connectrpc/connect';
import { createGrpcWebTransport } from '@connectrpc/connect-web';

const [address, contract] = process.argv.slice(2);
const registry = createFileRegistry(fromBinary(FileDescriptorSetSchema, readFileSync(contract)));
const transport = createGrpcWebTransport({ baseUrl: address });
const client = name => createClient(registry.getService(`taskgrpc.v1.${name}`), transport);
const print = (step, value) => console.log(JSON.stringify({ step, value }));
const [tasks, watch] = [client('AgentTaskService'), client('WatchService')];

const headers = { 'x-organization-id': 'web' };
const created = await tasks.createAgentTask({ agentTask: { taskType: 'pay', sourceType: 1, title: 'Pay' } }, { headers });
print('created', created.title);

try {
  await tasks.createAgentTask({ agentTask: {} }, { headers });
} catch (error) {
  const refusal = ConnectError.from(error);
  print('refused', [Code[refusal.code], ...refusal.details.map(detail => detail.type)]);
}

const seen = [];
for await (const response of watch.watch(
  { start: { case: 'afterRevision', value: 0n } }, { headers })) {
  for (const { change } of response.events) seen.push(change.resource.value.status);
  if (seen.length === 1) await tasks.transitionAgentTask({ id: created.id, status: 2 }, { headers });
  if (seen.length === 2) break;
}
print('watched', seen);
