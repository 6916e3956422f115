//! How often literal words stand in a text.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts each word, without overlaps, as a search for the next one behind the last does. Words
/// are counted in parallel; an empty word is counted 0 times.
#[must_use]
pub fn count_words(text: &[u8], words: &[&[u8]], threads: usize) -> Vec<u64> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut counts = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(word) = words.get(index) else {
                return counts;
            };
            let found = if word.is_empty() {
                0
            } else {
                memchr::memmem::find_iter(text, word).count() as u64
            };
            counts.push((index, found));
        }
    };
    let mut counts = vec![0; words.len()];
    let parts: Vec<Vec<(usize, u64)>> = if threads <= 1 || words.len() <= 1 {
        vec![work()]
    } else {
        std::thread::scope(|scope| {
            let handles: Vec<_> = (0..threads.min(words.len()))
                .map(|_| scope.spawn(work))
                .collect();
            handles
                .into_iter()
                .filter_map(|handle| handle.join().ok())
                .collect()
        })
    };
    for (index, found) in parts.into_iter().flatten() {
        counts[index] = found;
    }
    counts
}
