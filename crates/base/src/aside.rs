//! Work on a thread of its own.

use tokio::sync::oneshot;

use crate::{Error, Result};

/// Stack of a thread; none is taken before it is used.
const STACK_BYTES: usize = 8 << 20;

/// Work that goes on elsewhere.
#[derive(Debug)]
pub struct Aside<T>(oneshot::Receiver<T>);

/// Begins work that takes the processor for long, on a thread of its own with the priority of the
/// thread that asks for it.
///
/// # Errors
/// When the system gives no thread.
pub fn aside<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<Aside<T>> {
    let (done, ended) = oneshot::channel();
    let thread = std::thread::Builder::new().name(name.to_owned()).stack_size(STACK_BYTES);
    thread.spawn(move || {
        // Who asked may have left.
        let _ = done.send(work());
    })?;
    Ok(Aside(ended))
}

impl<T> Aside<T> {
    /// What the work gives.
    ///
    /// # Errors
    /// `internal` when it panicked.
    pub async fn done(self) -> Result<T> {
        self.0.await.map_err(|cause| Error::internal("a worker stopped", cause))
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn wait<T>(aside: Aside<T>) -> Result<T> {
        let mut done = pin!(aside.done());
        loop {
            match done.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(done) => return done,
                Poll::Pending => std::thread::yield_now(),
            }
        }
    }

    #[test]
    fn it_gives_what_the_work_gives_or_says_that_it_stopped() {
        assert_eq!(wait(aside("sum", || 1 + 1).unwrap()).unwrap(), 2);
        let stop = || if true { panic!("on purpose") } else { 0 };
        assert!(wait(aside("stop", stop).unwrap()).is_err());
    }
}
