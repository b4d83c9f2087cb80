/** Operations that openapi.json does not describe yet, or describes in part. */
import type { Start, Upload } from "./shape";

export * from "./shape";

type None = undefined;
interface Op<Answer, Body = None> {
  answer: Answer;
  body: Body;
}

/** Method and path below `/api/v1`, and what goes in and comes out. */
export interface Draft {
  "GET /start": Op<Start>;
  "POST /uploads": Op<Upload, Blob>;
}
