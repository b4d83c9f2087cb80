/** Operations that openapi.json does not describe yet, or describes in part. */
import type {
  Start,
  Page,
  Job,
  ProductDetail,
  Mapping,
  Upload,
  ImportOrder,
  Preview,
  ImportRecord,
  DryRun,
  Reject,
  TailEvent,
  Certificate,
  Privacy,
} from "./shape";

export * from "./shape";

type None = undefined;
interface Op<Answer, Body = None> {
  answer: Answer;
  body: Body;
}

/** Method and path below `/api/v1`, and what goes in and comes out. */
export interface Draft {
  "GET /start": Op<Start>;
  "POST /demo": Op<{ shop_id: string; job_id: string }>;
  "POST /customers/{customer_id}/erase": Op<
    { certificate: Certificate },
    { reason: string; confirm: string }
  >;
  "POST /exports": Op<{ job_id: string }, { kind: string; query: unknown }>;
  "GET /jobs": Op<{ data: Job[] }>;
  "GET /jobs/{job_id}": Op<Job & { result: DryRun | null }>;
  "DELETE /jobs/{job_id}": Op<None>;
  "GET /products/{product_id}": Op<ProductDetail>;
  "GET /mappings": Op<Mapping[]>;
  "POST /uploads": Op<Upload, Blob>;
  "POST /imports/preview": Op<Preview, ImportOrder & { limit: number }>;
  "POST /imports": Op<
    { import_id: string | null; job_id: string },
    ImportOrder & { dry_run: boolean }
  >;
  "GET /imports": Op<Page<ImportRecord>>;
  "GET /imports/{import_id}": Op<ImportRecord>;
  "POST /imports/{import_id}/cancel": Op<None>;
  "POST /imports/{import_id}/resume": Op<None>;
  "POST /imports/{import_id}/undo": Op<{ job_id: string }>;
  "GET /imports/{import_id}/rejects": Op<Page<Reject>>;
  "GET /sources/tail": Op<Page<TailEvent>>;
  "GET /privacy": Op<Privacy>;
}
