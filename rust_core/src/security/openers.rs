//! What opens vaults, out of Python: keys, passphrases and identities.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::vault::file::{Ask, Credential, Identity as Parsed, IdentityError, Question};
use ::vault::file::{MOST_IDENTITY_BYTES, VaultError};
use ::vault::seal::{Key, KeyError};
use pyo3::prelude::*;
use zeroize::Zeroizing;

use crate::errors::{file_error, vault_error};
use crate::waiting::interruptible_flagged;

/// How often a question that waits looks whether somebody is there.
const POLL: Duration = Duration::from_millis(50);

type Answer = Option<Zeroizing<String>>;
/// A question, its message, and where the answer goes.
type Asked = (Question, String, Sender<Answer>);

/// Where a plugin's question waits for Python's own thread: that one can be interrupted.
struct Desk {
    questions: Mutex<Sender<Asked>>,
    /// Nobody answers any more.
    is_closed: Arc<Mutex<Arc<AtomicBool>>>,
}

impl Desk {
    fn is_closed(&self) -> bool {
        let flag = self.is_closed.lock();
        flag.is_ok_and(|flag| flag.load(Ordering::SeqCst))
    }
}

impl Ask for Desk {
    fn ask(&self, question: Question, message: &str) -> Answer {
        let (sender, receiver) = channel();
        let asked = (question, message.to_owned(), sender);
        self.questions.lock().ok()?.send(asked).ok()?;
        if question == Question::Tell {
            return None;
        }
        loop {
            match receiver.recv_timeout(POLL) {
                Ok(answer) => return answer,
                Err(RecvTimeoutError::Timeout) if !self.is_closed() => {}
                Err(_) => return None,
            }
        }
    }
}

/// Python's function that answers plugins, and the questions to it.
struct Answers {
    function: Py<PyAny>,
    questions: Mutex<Receiver<Asked>>,
    is_closed: Arc<Mutex<Arc<AtomicBool>>>,
}

impl Answers {
    /// Lets questions be put until the flag is set; those of an earlier time are forgotten.
    fn open(&self, flag: &Arc<AtomicBool>) {
        if let Ok(questions) = self.questions.lock() {
            while questions.try_recv().is_ok() {}
        }
        if let Ok(mut own) = self.is_closed.lock() {
            *own = Arc::clone(flag);
        }
    }

    /// Puts the questions that wait to Python; an error of it leaves the rest without an answer.
    fn give(&self, py: Python<'_>) -> PyResult<()> {
        let Ok(questions) = self.questions.lock() else {
            return Ok(());
        };
        while let Ok((question, message, sender)) = questions.try_recv() {
            let kind = match question {
                Question::Tell => "tell",
                Question::Confirm => "confirm",
                Question::Public => "public",
                Question::Secret => "secret",
            };
            let answer = self.function.call1(py, (kind, message))?;
            let answer: Option<String> = answer.extract(py)?;
            // A plugin that ended meanwhile wants no answer.
            let _ = sender.send(answer.map(Zeroizing::new));
        }
        Ok(())
    }
}

/// Age identities or an SSH key.
#[pyclass(module = "code_rust_core.security", frozen)]
pub(crate) struct Identity {
    parsed: Arc<Parsed>,
    answers: Option<Arc<Answers>>,
}

#[pymethods]
impl Identity {
    /// Reads a file of age identities or an SSH private key; a passphrase unlocks an encrypted one.
    /// `ask` is called with the kind and the message of what a plugin asks.
    #[staticmethod]
    #[pyo3(signature = (text, passphrase = None, ask = None))]
    fn parse(
        py: Python<'_>,
        text: &[u8],
        passphrase: Option<&[u8]>,
        ask: Option<Py<PyAny>>,
    ) -> PyResult<Self> {
        let parsed = py.detach(|| parsed(text, passphrase));
        let mut parsed = parsed.map_err(|error| vault_error(py, error.to_string()))?;
        let answers = ask.map(|function| {
            let (sender, questions) = channel();
            let is_closed = Arc::new(Mutex::new(Arc::new(AtomicBool::new(true))));
            parsed.answered_by(Arc::new(Desk {
                questions: Mutex::new(sender),
                is_closed: Arc::clone(&is_closed),
            }));
            let questions = Mutex::new(questions);
            Arc::new(Answers {
                function,
                questions,
                is_closed,
            })
        });
        let parsed = Arc::new(parsed);
        Ok(Self { parsed, answers })
    }

    /// Whether it is an encrypted SSH key without its passphrase, which opens nothing.
    #[getter]
    fn is_locked(&self) -> bool {
        self.parsed.is_locked()
    }

    /// The recipients, each as one word; for a plugin its program's name.
    fn recipients(&self) -> Vec<String> {
        self.parsed.recipients()
    }
}

impl Identity {
    /// The identities, which outlive the GIL.
    pub(crate) fn shared(&self) -> Arc<Parsed> {
        Arc::clone(&self.parsed)
    }
}

fn parsed(text: &[u8], passphrase: Option<&[u8]>) -> Result<Parsed, IdentityError> {
    if text.len() > MOST_IDENTITY_BYTES {
        return Err(IdentityError::TooLong);
    }
    // What is no UTF-8 stands in comments or is no identity.
    let text = Zeroizing::new(String::from_utf8_lossy(text).into_owned());
    let mut parsed = Parsed::parse(&text)?;
    if let Some(passphrase) = passphrase {
        let word = std::str::from_utf8(passphrase).map_err(|_| IdentityError::Passphrase)?;
        parsed.unlock(word)?;
    }
    Ok(parsed)
}

/// Credentials that outlive the GIL.
pub(crate) struct Openers {
    keys: Vec<Key>,
    words: Vec<Zeroizing<Vec<u8>>>,
    identities: Vec<Arc<Parsed>>,
    answers: Vec<Arc<Answers>>,
}

impl Openers {
    pub(crate) fn new(
        keys: Vec<Vec<u8>>,
        words: Vec<Vec<u8>>,
        identities: &[PyRef<'_, Identity>],
    ) -> Result<Self, KeyError> {
        let keys: Vec<_> = keys.into_iter().map(Zeroizing::new).collect();
        Ok(Self {
            keys: keys
                .iter()
                .map(|key| Key::from_bytes(key))
                .collect::<Result<_, _>>()?,
            words: words.into_iter().map(Zeroizing::new).collect(),
            identities: identities
                .iter()
                .map(|each| Arc::clone(&each.parsed))
                .collect(),
            answers: identities
                .iter()
                .filter_map(|each| each.answers.clone())
                .collect(),
        })
    }

    /// Does work with the credentials; plugins that ask something meanwhile are answered.
    pub(crate) fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&[Credential<'_>]) -> Result<T, VaultError> + Send,
    ) -> PyResult<T> {
        let answering = self.answering();
        let work = |_: &_| work(&self.credentials());
        let answer = |py: Python<'_>| answering.give(py);
        let (done, interrupt) = interruptible_flagged(py, &answering.flag, work, answer)?;
        interrupt.map_or(Ok(()), Err)?;
        done.map_err(|error| file_error(py, &error))
    }

    pub(crate) fn credentials(&self) -> Vec<Credential<'_>> {
        let keys = self.keys.iter().map(Credential::Key);
        let identities = self.identities.iter();
        let identities = identities.map(|each| Credential::Identity(each));
        let words = self.words.iter().map(|word| Credential::Passphrase(word));
        keys.chain(identities).chain(words).collect()
    }

    /// From now on plugins are answered, where somebody calls `give` now and then.
    pub(crate) fn answering(&self) -> Answering<'_> {
        let flag = Arc::new(AtomicBool::new(false));
        for each in &self.answers {
            each.open(&flag);
        }
        let answers = &self.answers;
        Answering { flag, answers }
    }
}

/// Answers plugins until its flag is set.
pub(crate) struct Answering<'a> {
    pub(crate) flag: Arc<AtomicBool>,
    answers: &'a [Arc<Answers>],
}

impl Answering<'_> {
    /// Puts the questions that wait to Python.
    pub(crate) fn give(&self, py: Python<'_>) -> PyResult<()> {
        self.answers.iter().try_for_each(|each| each.give(py))
    }
}
