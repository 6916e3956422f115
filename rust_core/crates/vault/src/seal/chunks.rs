//! The layout of sealed data, and its chunks.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use super::{HEAD_BYTES, Key, SealError};

const SALT_BYTES: usize = 24;
const COMMITMENT_BYTES: usize = HEAD_BYTES - SALT_BYTES;
pub(super) const CHUNK_BYTES: usize = 16_384;
pub(super) const TAG_BYTES: usize = 16;
pub(super) const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;
pub(super) const MOST_CHUNKS: u64 = 1 << 38;
const LABEL: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";

/// How long a sealed message of this length is; none where it is 4 PiB or more.
#[must_use]
pub fn sealed_length(message: u64) -> Option<u64> {
    let chunks = message / CHUNK_BYTES as u64 + 1;
    (chunks <= MOST_CHUNKS).then(|| HEAD_BYTES as u64 + message + TAG_BYTES as u64 * chunks)
}

/// How long the message in sealed data of this length is; none where no message has it.
#[must_use]
pub fn message_length(sealed: u64) -> Option<u64> {
    let chunks = sealed.checked_sub(HEAD_BYTES as u64)?;
    let (full, rest) = (
        chunks / SEALED_CHUNK_BYTES as u64,
        chunks % SEALED_CHUNK_BYTES as u64,
    );
    let last = rest.checked_sub(TAG_BYTES as u64)?;
    (full < MOST_CHUNKS).then_some(full * CHUNK_BYTES as u64 + last)
}

/// The keys of one message.
pub struct Stream {
    aead: LessSafeKey,
    nonce: [u8; NONCE_LEN],
}

impl Stream {
    /// A new message's keys, and the head that its sealed form begins with.
    ///
    /// # Errors
    ///
    /// The system gives no random bytes.
    pub fn create(key: &Key, context: &[u8]) -> Result<(Self, [u8; HEAD_BYTES]), SealError> {
        let mut head = [0; HEAD_BYTES];
        let (salt, commitment) = head.split_at_mut(SALT_BYTES);
        getrandom::fill(salt).map_err(|_| SealError::NoRandomness)?;
        let (stream, committed) = Self::derive(key, salt, context)?;
        commitment.copy_from_slice(&*committed);
        Ok((stream, head))
    }

    /// The keys of the message with this head.
    ///
    /// # Errors
    ///
    /// The head was made with another key or context.
    pub fn of(key: &Key, context: &[u8], head: &[u8; HEAD_BYTES]) -> Result<Self, SealError> {
        let (salt, commitment) = head.split_at(SALT_BYTES);
        let (stream, committed) = Self::derive(key, salt, context)?;
        if bool::from(committed.ct_eq(commitment)) {
            Ok(stream)
        } else {
            Err(SealError::Unopened)
        }
    }

    fn derive(
        key: &Key,
        salt: &[u8],
        context: &[u8],
    ) -> Result<(Self, Zeroizing<[u8; COMMITMENT_BYTES]>), SealError> {
        let mut derived = Zeroizing::new([0; Key::BYTES + NONCE_LEN + COMMITMENT_BYTES]);
        key.expand(&[LABEL, salt, context], derived.as_mut());
        let (encryption, rest) = derived.split_at(Key::BYTES);
        let (base, committed) = rest.split_at(NONCE_LEN);
        let aead = UnboundKey::new(&AES_256_GCM, encryption).map_err(|_| SealError::Unopened)?;
        let mut nonce = [0; NONCE_LEN];
        nonce.copy_from_slice(base);
        let mut commitment = Zeroizing::new([0; COMMITMENT_BYTES]);
        commitment.copy_from_slice(committed);
        let aead = LessSafeKey::new(aead);
        Ok((Self { aead, nonce }, commitment))
    }

    fn nonce(&self, index: u64) -> Nonce {
        let mut nonce = self.nonce;
        for (byte, of_index) in nonce[4..].iter_mut().zip(index.to_be_bytes()) {
            *byte ^= of_index;
        }
        Nonce::assume_unique_for_key(nonce)
    }

    /// Seals chunks from the one of this index on. Those of a message end with a short one, also
    /// an empty one; `out` has room for each and its tag.
    ///
    /// # Errors
    ///
    /// None where `out` has the length it should have.
    pub(super) fn seal(&self, first: u64, message: &[u8], out: &mut [u8]) -> Result<(), SealError> {
        let chunks = pieces(message, CHUNK_BYTES, out.len().div_ceil(SEALED_CHUNK_BYTES));
        for ((index, chunk), out) in (first..)
            .zip(chunks)
            .zip(out.chunks_mut(SEALED_CHUNK_BYTES))
        {
            let (sealed, tag_place) = out.split_at_mut(chunk.len());
            self.aead
                .seal_out_of_place_scatter(
                    self.nonce(index),
                    Aad::empty(),
                    chunk,
                    sealed,
                    &[],
                    tag_place,
                )
                .map_err(|_| SealError::TooLong)?;
        }
        Ok(())
    }

    /// Opens what `seal` made; `out` has room for the message.
    ///
    /// # Errors
    ///
    /// A chunk is not what was sealed.
    pub(super) fn open(&self, first: u64, sealed: &[u8], out: &mut [u8]) -> Result<(), SealError> {
        let count = sealed.len().div_ceil(SEALED_CHUNK_BYTES);
        let mut places = pieces_mut(out, CHUNK_BYTES, count);
        for (index, chunk) in (first..).zip(sealed.chunks(SEALED_CHUNK_BYTES)) {
            let split = chunk.len().checked_sub(TAG_BYTES);
            let (text, tag) = chunk.split_at(split.ok_or(SealError::Unopened)?);
            let place = places.next().unwrap_or_default();
            self.aead
                .open_separate_gather(self.nonce(index), Aad::empty(), text, tag, place)
                .map_err(|_| SealError::Unopened)?;
        }
        Ok(())
    }
}

/// `count` pieces, the last of which may be empty.
fn pieces(bytes: &[u8], size: usize, count: usize) -> impl Iterator<Item = &[u8]> {
    bytes.chunks(size).chain([&[][..]]).take(count)
}

fn pieces_mut(bytes: &mut [u8], size: usize, count: usize) -> impl Iterator<Item = &mut [u8]> {
    bytes.chunks_mut(size).chain([&mut [][..]]).take(count)
}

/// Seals a message; `out` has `sealed_length` of its length.
///
/// # Errors
///
/// The system gives no random bytes, or the message is too long.
pub fn seal(key: &Key, context: &[u8], message: &[u8], out: &mut [u8]) -> Result<(), SealError> {
    if sealed_length(message.len() as u64) != Some(out.len() as u64) {
        return Err(SealError::TooLong);
    }
    let (stream, head) = Stream::create(key, context)?;
    let (head_place, chunks) = out.split_at_mut(HEAD_BYTES);
    head_place.copy_from_slice(&head);
    stream.seal(0, message, chunks)
}

/// Opens a sealed message; `out` has `message_length` of its length, and holds nothing of the
/// message after an error.
///
/// # Errors
///
/// One for everything that keeps it from opening.
pub fn open(key: &Key, context: &[u8], sealed: &[u8], out: &mut [u8]) -> Result<(), SealError> {
    if message_length(sealed.len() as u64) != Some(out.len() as u64) {
        return Err(SealError::Unopened);
    }
    let (head, chunks) = sealed.split_first_chunk().ok_or(SealError::Unopened)?;
    let stream = Stream::of(key, context, head)?;
    let opened = stream.open(0, chunks, out);
    if opened.is_err() {
        out.zeroize();
    }
    opened
}

/// `seal` into memory of its own.
///
/// # Errors
///
/// As `seal`.
pub fn sealed(key: &Key, context: &[u8], message: &[u8]) -> Result<Vec<u8>, SealError> {
    let length = sealed_length(message.len() as u64).and_then(|length| length.try_into().ok());
    let mut out = vec![0; length.ok_or(SealError::TooLong)?];
    seal(key, context, message, &mut out)?;
    Ok(out)
}

/// `open` into memory of its own, which is wiped.
///
/// # Errors
///
/// As `open`.
pub fn opened(key: &Key, context: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let length = message_length(sealed.len() as u64).and_then(|length| length.try_into().ok());
    let mut out = Zeroizing::new(vec![0; length.ok_or(SealError::Unopened)?]);
    open(key, context, sealed, &mut out)?;
    Ok(out)
}
