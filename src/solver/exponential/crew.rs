//! Threads that share out the shards of a pass.
//!
//! A pass takes a few microseconds, less than waking a sleeping thread: a waiting thread spins for a while before it sleeps.
//! Shard `k` from the last belongs to thread `k mod n`, so that it stays in that core's cache; who is done with its own takes what the
//! others have not begun, so that a thread that the system has set aside holds nobody up. Since every sum is formed
//! within a shard or in the order of shards, the result depends neither on `n` nor on who did what.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::thread::JoinHandle;

use super::lane::Lane;
use super::pass::Job;
use super::shard::Shard;

/// Turns of the waiting loop before a thread goes to sleep: about 50 microseconds.
const SPINS: u32 = 1 << 14;

/// The shards, and who works on them.
pub struct Crew<T: Lane> {
    common: Arc<Common<T>>,
    /// The layer of each shard, and whether it is of biases.
    of: Vec<(usize, bool)>,
    /// Whether the weights of each layer are in more than one shard.
    shared: Vec<bool>,
    helpers: Vec<JoinHandle<()>>,
}

/// A counter that has its cache lines to itself: what one thread counts does not hold up another.
#[derive(Default)]
#[repr(align(128))]
struct Counter(AtomicUsize);

impl std::ops::Deref for Counter {
    type Target = AtomicUsize;
    fn deref(&self) -> &AtomicUsize {
        &self.0
    }
}

struct Common<T> {
    arch: pulp::Arch,
    shards: Vec<Mutex<Shard<T>>>,
    job: RwLock<Job<T>>,
    /// Shards of each thread that have been begun in this pass.
    begun: Vec<Counter>,
    /// Number of the current pass.
    pass: Counter,
    /// Shards that each thread has done in it.
    finished: Vec<Counter>,
    /// Helpers that sleep.
    asleep: AtomicUsize,
    /// Whether a helper has panicked.
    broken: AtomicBool,
    /// Whether to stop.
    stop: AtomicBool,
}

/// The vector instructions of this machine.
#[cfg(not(test))]
fn vectors() -> pulp::Arch {
    pulp::Arch::new()
}

/// The same, unless a test asks for others.
#[cfg(test)]
fn vectors() -> pulp::Arch {
    super::tests::vectors::ASKED_FOR.get().unwrap_or_default()
}

impl<T: Lane> Crew<T> {
    /// A crew of `threads`, the caller being one of them.
    ///
    /// # Errors
    /// Where a thread can't be started.
    pub fn new(shards: Vec<Shard<T>>, job: Job<T>, threads: usize) -> std::io::Result<Self> {
        let threads = threads.clamp(1, shards.len().max(1));
        let of: Vec<_> = shards.iter().map(|shard| (shard.layer, shard.is_bias())).collect();
        let shards_of = |layer| of.iter().filter(|of| **of == (layer, false)).count();
        let layers = of.iter().map(|(layer, _)| layer + 1).max().unwrap_or(0);
        let shared = (0..layers).map(|layer| shards_of(layer) > 1).collect();
        let common = Arc::new(Common {
            arch: vectors(),
            shards: shards.into_iter().map(Mutex::new).collect(),
            job: RwLock::new(job),
            begun: (0..threads).map(|_| Counter(AtomicUsize::new(usize::MAX / 2))).collect(),
            pass: Counter::default(),
            finished: (0..threads).map(|_| Counter::default()).collect(),
            asleep: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
            stop: AtomicBool::new(false),
        });
        let mut crew = Self { common, of, shared, helpers: Vec::new() };
        for member in 1..threads {
            let common = Arc::clone(&crew.common);
            let name = format!("synapses-{member}");
            crew.helpers.push(std::thread::Builder::new().name(name).spawn(move || common.help(member))?);
        }
        Ok(crew)
    }

    /// The vector instructions that passes are run with.
    pub fn arch(&self) -> pulp::Arch {
        self.common.arch
    }

    /// Prepares the next pass, and reads what the last one was.
    pub fn with_job<R>(&self, prepare: impl FnOnce(&mut Job<T>) -> R) -> R {
        prepare(&mut self.common.job.write().unwrap_or_else(PoisonError::into_inner))
    }

    /// Runs the prepared pass over the shards of one layer or of all; `false` if a helper is lost.
    ///
    /// A layer in one piece, or one whose sums are at hand, takes less time than others need to join in.
    #[must_use]
    pub fn run(&self, layer: Option<usize>) -> bool {
        let common = &self.common;
        common.finished.iter().for_each(|finished| finished.store(0, Ordering::Relaxed));
        for begun in &common.begun {
            begun.store(0, Ordering::Release);
        }
        let is_shared = match layer {
            Some(layer) => self.shared.get(layer).is_some_and(|shared| *shared),
            None => self.shared.contains(&true),
        };
        if is_shared && !self.helpers.is_empty() && !self.is_foreseen(layer) {
            common.pass.fetch_add(1, Ordering::SeqCst);
            if common.asleep.load(Ordering::SeqCst) > 0 {
                self.helpers.iter().for_each(|helper| helper.thread().unpark());
            }
        }
        common.work(0);
        let mut turns = 0_u32;
        let finished = || common.finished.iter().map(|count| count.load(Ordering::Acquire)).sum::<usize>();
        while finished() < self.len() {
            rest(&mut turns);
        }
        !common.broken.load(Ordering::Relaxed)
    }

    /// Whether the next pass finds all sums of a layer at hand.
    fn is_foreseen(&self, layer: Option<usize>) -> bool {
        let job = self.common.job.read().unwrap_or_else(PoisonError::into_inner);
        layer.is_some_and(|layer| self.of_layer(layer, false).all(|shard| job.is_foreseen(&shard)))
    }

    /// Number of shards.
    #[must_use]
    pub fn len(&self) -> usize {
        self.common.shards.len()
    }

    /// One shard.
    pub fn shard(&self, index: usize) -> MutexGuard<'_, Shard<T>> {
        self.common.shards[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// All shards in order.
    pub fn shards(&self) -> impl Iterator<Item = MutexGuard<'_, Shard<T>>> {
        (0..self.len()).map(|index| self.shard(index))
    }

    /// Those of the weights, or of the biases, of layer `layer` in order.
    pub fn of_layer(&self, layer: usize, is_bias: bool) -> impl Iterator<Item = MutexGuard<'_, Shard<T>>> {
        let found = self.of.iter().enumerate().filter(move |(_, of)| **of == (layer, is_bias));
        found.map(|(index, _)| self.shard(index))
    }
}

impl<T: Lane> Drop for Crew<T> {
    fn drop(&mut self) {
        self.common.stop.store(true, Ordering::SeqCst);
        self.common.pass.fetch_add(1, Ordering::SeqCst);
        for helper in self.helpers.drain(..) {
            helper.thread().unpark();
            // A helper that panicked has said so itself.
            let _ = helper.join();
        }
    }
}

/// Says that a shard is done with, even if it panicked.
struct Finish<'a, T> {
    common: &'a Common<T>,
    member: usize,
}

impl<T> Drop for Finish<'_, T> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.common.broken.store(true, Ordering::Relaxed);
        }
        self.common.finished[self.member].fetch_add(1, Ordering::Release);
    }
}

impl<T: Lane> Common<T> {
    /// The life of a helper.
    fn help(&self, member: usize) {
        let mut seen = 0;
        loop {
            seen = self.wait(seen);
            if self.stop.load(Ordering::SeqCst) {
                return;
            }
            self.work(member);
        }
    }

    /// Waits for a pass after number `seen`.
    fn wait(&self, seen: usize) -> usize {
        for _ in 0..SPINS {
            let pass = self.pass.load(Ordering::Acquire);
            if pass != seen {
                return pass;
            }
            std::hint::spin_loop();
        }
        self.asleep.fetch_add(1, Ordering::SeqCst);
        let mut pass = self.pass.load(Ordering::SeqCst);
        while pass == seen {
            std::thread::park();
            pass = self.pass.load(Ordering::SeqCst);
        }
        self.asleep.fetch_sub(1, Ordering::SeqCst);
        pass
    }

    /// What one member does in the current pass: its own shards, then those that others have not begun.
    ///
    /// A job can only be changed when nobody reads it, so that whatever is begun here belongs to the job that is held.
    fn work(&self, member: usize) {
        let job = self.job.read().unwrap_or_else(PoisonError::into_inner);
        let threads = self.begun.len();
        // Backwards: upper layers have shards of another size, for which the many of the first make up.
        let count = self.shards.len();
        for owner in (member..threads).chain(0..member) {
            loop {
                let turn = self.begun[owner].fetch_add(1, Ordering::AcqRel);
                let Some(shard) = turn.checked_mul(threads).and_then(|k| count.checked_sub(k + owner + 1))
                else {
                    break;
                };
                let shard = &self.shards[shard];
                let _finish = Finish { common: self, member };
                job.run(self.arch, &mut shard.lock().unwrap_or_else(PoisonError::into_inner));
            }
        }
    }
}

/// One turn of a loop that waits for something short.
fn rest(turns: &mut u32) {
    *turns += 1;
    if *turns < SPINS {
        std::hint::spin_loop();
    } else {
        std::thread::yield_now();
    }
}
