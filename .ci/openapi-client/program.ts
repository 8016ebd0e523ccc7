// Creates, moves and lists a task with the client that is generated from /openapi.json, then reads a refusal by its reason.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Status = components["schemas"]["Status"];

const client = createClient<paths>({ baseUrl: process.argv[2] ?? "http://localhost:5081" });

function found<T>(answer: { data?: T; error?: Status }): T {
  if (answer.data === undefined) {
    throw new Error(answer.error?.message);
  }
  return answer.data;
}

function reasonOf(error: Status | undefined): components["schemas"]["ErrorReason"] | undefined {
  for (const detail of error?.details ?? []) {
    if (detail["@type"] === "type.googleapis.com/google.rpc.ErrorInfo") {
      return detail.reason;
    }
  }
  return undefined;
}

const created = await client.POST("/agent-tasks", {
  params: { header: { "Idempotency-Key": crypto.randomUUID() } },
  body: { taskType: "refund", sourceType: "SOURCE_TYPE_EVENT", title: "Refund order 1042", description: "Two items." },
});
const id = found(created).id!;
const etag = created.response.headers.get("ETag")!;

const planned = found(
  await client.POST("/agent-tasks/{id}:transition", {
    params: { path: { id }, header: { "If-Match": etag } },
    body: { status: "AGENT_TASK_STATUS_PLANNING", reason: "The order has been found." },
  }),
);
const changed = found(await client.PATCH("/agent-tasks/{id}", { params: { path: { id } }, body: { description: null } }));

const listed = found(
  await client.GET("/agent-tasks", { params: { query: { filter: "status = PLANNING", pageSize: 10, orderBy: "priority" } } }),
);
const batch = found(await client.GET("/agent-tasks:batchGet", { params: { query: { ids: [id, id] } } }));

const late = await client.POST("/agent-tasks/{id}:transition", {
  params: { path: { id }, header: { "If-Match": etag } },
  body: { status: "AGENT_TASK_STATUS_CANCELED" },
});

const isRight =
  planned.status === "AGENT_TASK_STATUS_PLANNING" &&
  changed.description === undefined &&
  listed.agentTasks?.some((task) => task.id === id) === true &&
  batch.agentTasks?.length === 2 &&
  late.response.status === 412 &&
  reasonOf(late.error) === "ETAG_MISMATCH";
if (!isRight) {
  console.error(JSON.stringify({ planned, changed, listed, batch, late: late.error }, null, 2));
  process.exit(1);
}
