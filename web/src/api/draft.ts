/** Operations that openapi.json describes in part. */
import type { Upload } from "./shape";

export * from "./shape";

type None = undefined;
interface Op<Answer, Body = None> {
  answer: Answer;
  body: Body;
}

/** Method and path below `/api/v1`, and what goes in and comes out. */
export interface Draft {
  "POST /uploads": Op<Upload, Blob>;
}
