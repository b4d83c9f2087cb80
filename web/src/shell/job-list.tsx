import { Button, Progress } from "antd";
import { useTranslation } from "react-i18next";
import { download } from "../api/client";
import type { Job } from "../api/shape";
import { useAct } from "../api/hooks";
import { When } from "../part/value";
import { open } from "./jobs";

/** The texts of the kinds of jobs. */
const KINDS: Record<string, string> = {
  import: "import",
  "import.undo": "undo",
  "import.trial": "trial",
  export: "export",
  demo: "demo",
  "coupon.issue": "issue",
};

export function JobList({ jobs }: { jobs: Job[] }) {
  const { t } = useTranslation();
  return (
    <div className="jobs">
      {jobs.length === 0 && (
        <div>
          <p>{t("jobs.none")}</p>
          <p className="soft small">{t("jobs.none_why")}</p>
        </div>
      )}
      {jobs.length > 0 && (
        <ul>
          {jobs.map((job) => (
            <JobLine key={job.job_id} job={job} />
          ))}
        </ul>
      )}
    </div>
  );
}

function JobLine({ job }: { job: Job }) {
  const { t } = useTranslation();
  const cancel = useAct("DELETE /jobs/{job_id}", ["GET /jobs"]);
  const kind = t(`jobs.kind.${KINDS[job.kind] ?? "other"}`);
  const percent = job.total ? Math.floor((job.done / job.total) * 100) : 0;
  const get = () => void download(`/exports/${job.job_id}`, `export-${job.job_id}.csv`);
  return (
    <li>
      <div className="row apart">
        <span className="strong">{kind}</span>
        <span className="soft small">
          <When at={job.ended_at ?? job.created_at} as="ago" />
        </span>
      </div>
      {open(job) && <Progress percent={percent} size="small" showInfo={false} aria-label={kind} />}
      <div className="row apart small">
        <span className={job.state === "failed" ? "danger" : "soft"}>
          {t(`jobs.state.${job.state}`)}
          {open(job) && job.total ? ` · ${percent}%` : ""}
          {job.error ? ` · ${job.error}` : ""}
        </span>
        {open(job) && (
          <Button
            size="small"
            type="link"
            loading={cancel.isPending}
            onClick={() => cancel.mutate({ path: { job_id: job.job_id } })}
          >
            {t("jobs.cancel")}
          </Button>
        )}
        {job.state === "done" && job.kind === "export" && (
          <Button size="small" type="link" onClick={get}>
            {t("jobs.get")}
          </Button>
        )}
      </div>
    </li>
  );
}
