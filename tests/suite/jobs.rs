//! Jobs: claimed under a lease, tried again, given up, cancelled; on both databases.

use base::{Code, Error};
use shuke_tests::{Home, NOW};
use store::job;

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_one_worker_s_at_a_time() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let mut tx = cx.write().await.unwrap();
        let id = job::add(&mut tx, &cx, "export", "{}", NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert!(job::claim(&home.cx, &["other"]).await.unwrap().is_none());
        let first = job::claim(&home.cx, &["export"]).await.unwrap().unwrap();
        assert!(job::claim(&home.cx, &["export"]).await.unwrap().is_none(), "it is leased");
        assert!(job::progress(&home.cx, &first, 1, 10).await.unwrap());
        let later = home.cx.at(NOW.plus(2 * job::LEASE_MICROS));
        let second = job::claim(&later, &["export"]).await.unwrap().unwrap();
        assert_eq!((second.id, second.attempts), (id, 2), "{}", home.kind);
        let mut tx = cx.write().await.unwrap();
        let late = job::finish(&mut tx, &first, "{}", NOW).await.unwrap_err();
        assert_eq!(late.code, Code::Conflict, "a worker whose lease ran out may not end it");
        tx.rollback().await.unwrap();
        let mut tx = cx.write().await.unwrap();
        job::finish(&mut tx, &second, "{\"rows\":1}", NOW).await.unwrap();
        tx.commit().await.unwrap();
        let done = job::get(&cx, id).await.unwrap();
        assert_eq!((done.state, done.done, done.total), (job::State::Done, 1, 10));
        let (other, _) = home.shop("b", "CNY", "Asia/Shanghai").await;
        assert_eq!(job::get(&other, id).await.unwrap_err().code, Code::NotFound);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_waits_longer_each_time_and_then_gives_up() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let mut tx = cx.write().await.unwrap();
        let id = job::add(&mut tx, &cx, "export", "{}", NOW).await.unwrap();
        tx.commit().await.unwrap();
        let mut now = NOW;
        for attempt in 1..=job::ATTEMPTS_MAX {
            let cx = home.cx.at(now);
            let job = job::claim(&cx, &["export"]).await.unwrap().unwrap();
            assert_eq!(job.attempts, attempt, "{}", home.kind);
            job::fail(&cx, &job, &Error::new(Code::Busy, "no")).await.unwrap();
            assert!(job::claim(&cx, &["export"]).await.unwrap().is_none());
            now = now.plus(job::BACKOFF_MICROS << (attempt - 1));
        }
        let job = job::get(&cx, id).await.unwrap();
        assert_eq!((job.state, job.result.as_deref()), (job::State::Failed, Some("no")));

        let mut tx = cx.write().await.unwrap();
        let id = job::add(&mut tx, &cx, "export", "{}", NOW).await.unwrap();
        tx.commit().await.unwrap();
        let job = job::claim(&home.cx, &["export"]).await.unwrap().unwrap();
        job::fail(&home.cx, &job, &Error::bad("never")).await.unwrap();
        let job = job::get(&cx, id).await.unwrap();
        assert_eq!(job.state, job::State::Failed, "trying again cannot help");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_can_be_cancelled_before_and_while_it_runs() {
    for home in Home::each().await {
        let (cx, _) = home.shop("a", "CNY", "Asia/Shanghai").await;
        let mut tx = cx.write().await.unwrap();
        let waiting = job::add(&mut tx, &cx, "export", "{}", NOW.plus(1)).await.unwrap();
        let running = job::add(&mut tx, &cx, "export", "{}", NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert!(job::cancel(&cx, waiting).await.unwrap());
        let job = job::claim(&home.cx, &["export"]).await.unwrap().unwrap();
        assert_eq!(job.id, running);
        assert!(job::cancel(&cx, running).await.unwrap());
        assert!(!job::progress(&home.cx, &job, 1, 2).await.unwrap(), "{}", home.kind);
        let mut tx = cx.write().await.unwrap();
        job::stop(&mut tx, &job, NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert!(!job::cancel(&cx, running).await.unwrap());
    }
}
