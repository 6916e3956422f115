//! Who computes: workers with memory of their own, as many as threads and budget allow.

use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Builder;

use argon2::{Block, Blocks};
use rayon::{ThreadPool, ThreadPoolBuilder};
use zeroize::Zeroize;

use super::batch::Control;
use super::{Params, PasswordError, available_memory};

const MOST_THREADS: i64 = 1024;
/// Hashing takes a few blocks of it.
const STACK_BYTES: usize = 256 << 10;

/// How much may run at once.
#[derive(Debug, Clone, Copy)]
pub struct Resources {
    threads: usize,
    budget: Budget,
}

/// How much memory hashes may take together, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    /// As said; one hash that takes more is refused.
    Given(u64),
    /// A share of what is free, but room for one hash.
    Free(u64),
}

impl Resources {
    /// All cores and a quarter of the memory that is free, unless said otherwise.
    ///
    /// # Errors
    ///
    /// A number of threads out of range.
    pub fn new(threads: Option<i64>, memory_budget: Option<u64>) -> Result<Self, PasswordError> {
        let threads = match threads {
            None => std::thread::available_parallelism().map_or(1, NonZeroUsize::get),
            Some(wish) => usize::try_from(wish)
                .ok()
                .filter(|_| (1..=MOST_THREADS).contains(&wish))
                .ok_or(PasswordError::Threads(wish))?,
        };
        let budget =
            memory_budget.map_or_else(|| Budget::Free(available_memory() / 4), Budget::Given);
        Ok(Self { threads, budget })
    }

    /// Whether one hash fits into the budget.
    ///
    /// # Errors
    ///
    /// It does not.
    pub fn check(&self, params: &Params) -> Result<(), PasswordError> {
        match self.exceeded_by(params) {
            None => Ok(()),
            Some(bytes) => Err(PasswordError::Budget {
                need_kib: params.memory_kib().into(),
                budget_kib: bytes / 1024,
            }),
        }
    }

    /// The budget where one hash does not fit into it.
    pub(super) fn exceeded_by(&self, params: &Params) -> Option<u64> {
        match self.budget {
            Budget::Given(bytes) if bytes < params.memory_bytes() => Some(bytes),
            Budget::Given(_) | Budget::Free(_) => None,
        }
    }

    fn workers(&self, params: &Params, jobs: usize) -> usize {
        let (Budget::Given(bytes) | Budget::Free(bytes)) = self.budget;
        let fit = usize::try_from(bytes / params.memory_bytes()).unwrap_or(usize::MAX);
        self.threads.min(fit).min(jobs).max(1)
    }
}

/// Workers for hashes of one cost. Their memory is wiped when they go.
pub(super) struct Crew {
    workers: Vec<Worker>,
}

struct Worker {
    blocks: Blocks,
    /// The threads that compute this worker's lanes.
    pool: ThreadPool,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.blocks.as_slice().iter_mut().zeroize();
    }
}

impl Crew {
    /// As many workers as can work at once on so many jobs, one at least.
    pub(super) fn new(
        params: &Params,
        jobs: usize,
        resources: &Resources,
    ) -> Result<Self, PasswordError> {
        let wanted = resources.workers(params, jobs);
        let lanes = usize::try_from(params.lanes()).unwrap_or(usize::MAX);
        let threads = (resources.threads / wanted).clamp(1, lanes);
        let mut workers = Vec::with_capacity(wanted);
        for _ in 0..wanted {
            match Worker::new(params, threads) {
                Ok(worker) => workers.push(worker),
                // Fewer than wished do the work too.
                Err(_) if !workers.is_empty() => break,
                Err(shortage) => return Err(shortage),
            }
        }
        Ok(Self { workers })
    }

    /// The results at the jobs' places, and none of those that were not begun when the work was
    /// cancelled.
    pub(super) fn run<Job: Sync, Done: Send>(
        &mut self,
        jobs: &[Job],
        control: &Control<'_>,
        work: impl Fn(&Job, &mut [Block]) -> Done + Sync,
    ) -> Vec<Option<Done>> {
        let next = AtomicUsize::new(0);
        let turn = |blocks: &mut [Block]| {
            let mut done = Vec::new();
            while !control.is_cancelled() {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(job) = jobs.get(index) else { break };
                done.push((index, work(job, blocks)));
                control.count(1);
            }
            done
        };
        let mut results: Vec<Option<Done>> =
            std::iter::repeat_with(|| None).take(jobs.len()).collect();
        let turn = &turn;
        let finished = std::thread::scope(|scope| {
            let mut workers = self.workers.iter_mut();
            // The first one works for this thread. Without threads for all, fewer do the work.
            let first = workers.next();
            let others: Vec<_> = workers
                .map_while(|worker| {
                    let thread = Builder::new().stack_size(STACK_BYTES);
                    thread.spawn_scoped(scope, || worker.work(turn)).ok()
                })
                .collect();
            let mut finished = first.map(|worker| worker.work(turn)).unwrap_or_default();
            for other in others {
                finished.extend(other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            }
            finished
        });
        for (index, done) in finished {
            results[index] = Some(done);
        }
        results
    }
}

impl Worker {
    fn new(params: &Params, threads: usize) -> Result<Self, PasswordError> {
        let shortage = PasswordError::OutOfMemory(params.memory_kib());
        let count = usize::try_from(params.memory_kib()).map_err(|_| shortage.clone())?;
        let blocks = Blocks::new(count).ok_or(shortage)?;
        // Where not so many threads can be had, fewer compute the lanes.
        let fewer = std::iter::successors(Some(threads), |&count| (count > 1).then_some(count / 2));
        let mut pools = fewer.filter_map(|count| {
            let pool = ThreadPoolBuilder::new().num_threads(count);
            pool.stack_size(STACK_BYTES).build().ok()
        });
        let pool = pools.next().ok_or(PasswordError::NoThread)?;
        Ok(Self { blocks, pool })
    }

    fn work<Done: Send>(&mut self, turn: impl FnOnce(&mut [Block]) -> Done + Send) -> Done {
        let Self { blocks, pool } = self;
        pool.install(|| turn(blocks.as_slice()))
    }
}
