import { CloudSyncOutlined } from "@ant-design/icons";
import { Button, Popover } from "antd";
import { lazy, Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Job } from "../api/shape";
import { queryClient, useApi } from "../api/hooks";

const JobList = lazy(() => import("./job-list").then((m) => ({ default: m.JobList })));

const BUSY_MS = 2_000;
const IDLE_MS = 30_000;

export const open = (job: Job) => job.state === "running" || job.state === "waiting";

/** What a job changes is read again when it has ended. */
function useRereadWhenDone(jobs: Job[]) {
  const before = useRef(new Set<string>());
  const running = jobs.filter(open).map((job) => job.job_id);
  useEffect(() => {
    const ended = jobs.some((job) => !open(job) && before.current.has(job.job_id));
    before.current = new Set(running);
    if (!ended) return;
    void queryClient.invalidateQueries({
      predicate: (query) => !["GET /jobs", "GET /session"].includes(String(query.queryKey[0])),
    });
  });
}

export function Jobs() {
  const { t } = useTranslation();
  const { data } = useApi(
    "GET /jobs",
    {},
    {
      refetchInterval: (query) => (query.state.data?.some(open) ? BUSY_MS : IDLE_MS),
    },
  );
  const jobs = data ?? [];
  const running = jobs.filter(open).length;
  useRereadWhenDone(jobs);
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t("jobs.title")}
      content={
        <Suspense fallback={null}>
          <JobList jobs={jobs} />
        </Suspense>
      }
    >
      <Button
        type="text"
        aria-haspopup="dialog"
        style={{ position: "relative" }}
        icon={<CloudSyncOutlined aria-hidden />}
        aria-label={running ? t("jobs.running", { count: running }) : t("jobs.title")}
      >
        {running > 0 && <span className="job-count">{running}</span>}
      </Button>
    </Popover>
  );
}
