//! What a question about the text is, and how all of them are declared: once, in `readings.rs`.

/// A question about the text: which of its readings is in force is a field of [`Rules`](super::Rules).
#[derive(Clone, Copy, Debug)]
pub struct Question {
    /// Its key in the `[rules]` of a model.
    pub key: &'static str,
    pub(super) about: &'static str,
    /// Where the text speaks of it: its name, and paragraphs or a figure.
    pub section: &'static str,
    /// Its numbers in `spec/questions.md`, with their letter; a plain rule that only mutants break has none.
    pub numbers: &'static [&'static str],
    /// Its readings.
    pub readings: &'static [Reading],
    pub(super) draft_12: &'static str,
    pub(super) isc_dhcpd: &'static str,
}

/// One way to read the text.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Its word in model files.
    pub word: &'static str,
    pub(super) says: &'static str,
    /// The text to the letter has it, or leaves it open.
    pub by_text: bool,
}

/// Who takes a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taker {
    /// The text, to the letter, or as one of several ways that it leaves open.
    Text,
    /// Dialect `draft-12`, and the text to the letter does not have it: the letter is refuted, or silent.
    Repair,
    /// ISC dhcpd 4.4.
    IscDhcpd,
    /// Nobody: it is there to be refuted.
    Mutant,
}

impl Question {
    /// What is asked, in a sentence.
    pub fn about(&self) -> &'static str {
        self.about.trim_ascii_start()
    }

    /// The question with this key.
    pub fn with_key(key: &str) -> Option<&'static Question> {
        super::QUESTIONS.iter().find(|question| question.key == key)
    }

    /// The words of its readings.
    pub fn words(&self) -> impl Iterator<Item = &'static str> + Clone + use<> {
        self.readings.iter().map(|reading| reading.word)
    }

    /// The reading with this word.
    pub fn reading(&self, word: &str) -> Option<&'static Reading> {
        self.readings.iter().find(|reading| reading.word == word)
    }

    /// Who takes a reading of this question.
    pub fn takers(&self, reading: &Reading) -> impl Iterator<Item = Taker> {
        let (draft_12, isc_dhcpd) = (self.draft_12 == reading.word, self.isc_dhcpd == reading.word);
        let takes = [
            (reading.by_text, Taker::Text),
            (draft_12 && !reading.by_text, Taker::Repair),
            (isc_dhcpd, Taker::IscDhcpd),
            (!reading.by_text && !draft_12 && !isc_dhcpd, Taker::Mutant),
        ];
        takes.into_iter().filter(|(takes, _)| *takes).map(|(_, taker)| taker)
    }
}

impl Reading {
    /// What it says, in a sentence.
    pub fn says(&self) -> &'static str {
        self.says.trim_ascii_start()
    }
}

impl Taker {
    /// For lists and documents.
    pub const fn word(self) -> &'static str {
        match self {
            Taker::Text => "text",
            Taker::Repair => "repair",
            Taker::IscDhcpd => "isc-dhcpd-4.4",
            Taker::Mutant => "mutant",
        }
    }
}

/// Declares every question with its readings: an enum for each, [`Rules`](super::Rules) with a field for each, the dialects, and
/// all that is said about them. A reading is marked `(text)` where the text to the letter has it.
macro_rules! questions {
    ($(
        $(#[doc = $about:literal])+
        $field:ident $key:literal: $kind:ident of $section:literal [$($number:ident),*] {
            draft_12: $draft_12:ident, isc_dhcpd: $isc_dhcpd:ident,
            $($(#[doc = $says:literal])+ $variant:ident = $word:literal $(($text:ident))?,)+
        }
    )+) => {
        $(
            $(#[doc = $about])+
            #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
            pub enum $kind { $($(#[doc = $says])+ $variant,)+ }

            impl $kind {
                /// Every reading with its word.
                pub const WORDS: &'static [(&'static str, $kind)] = &[$(($word, $kind::$variant),)+];
                /// The words alone.
                pub const NAMES: &'static [&'static str] = &[$($word,)+];

                /// The word of this reading.
                pub const fn word(self) -> &'static str {
                    match self { $($kind::$variant => $word,)+ }
                }
            }
        )+

        /// The readings in force.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub struct Rules { $($(#[doc = $about])+ pub $field: $kind,)+ }

        impl Rules {
            /// draft-ietf-dhc-failover-12, in the readings that questions.md argues for.
            pub const DRAFT_12: Rules = Rules { $($field: $kind::$draft_12,)+ };
            /// ISC dhcpd 4.4.3-P1, as read in its source and seen on the wire.
            pub const ISC_DHCPD_4_4: Rules = Rules { $($field: $kind::$isc_dhcpd,)+ };

            /// Sets one reading by the words that model files use. What would be accepted is in the error.
            pub fn set(&mut self, key: &str, word: &str) -> Result<(), UnknownReading> {
                match key {
                    $($key => match $kind::WORDS.iter().find(|(w, _)| *w == word) {
                        Some((_, value)) => { self.$field = *value; Ok(()) }
                        None => Err(UnknownReading::Word($kind::NAMES)),
                    },)+
                    _ => Err(UnknownReading::Key),
                }
            }

            /// The word of the reading in force, for every key, in the order of [`QUESTIONS`].
            pub fn words(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
                [$(($key, self.$field.word()),)+].into_iter()
            }
        }

        /// Every question, in the order in which it is listed.
        pub const QUESTIONS: &[Question] = &[$(Question {
            key: $key,
            about: concat!($($about),+),
            section: $section,
            numbers: &[$(stringify!($number)),*],
            readings: &[$(Reading {
                word: $word,
                says: concat!($($says),+),
                by_text: !stringify!($($text)?).is_empty(),
            },)+],
            draft_12: $kind::$draft_12.word(),
            isc_dhcpd: $kind::$isc_dhcpd.word(),
        },)+];
    };
}

#[cfg(test)]
mod tests {
    use super::Taker;
    use crate::rules::QUESTIONS;

    /// Where the sentence of a reading says that the text has it, it is marked so; and a repair, which departs from the text, is
    /// argued under a number.
    #[test]
    fn marks_fit_what_is_said() {
        const LETTER: [&str; 4] =
            ["to the letter", "as the text has it", "figure 7.1.3-1 has it", "whenever one is received"];
        let mut said = 0;
        for question in QUESTIONS {
            for reading in question.readings {
                let by_letter = LETTER.iter().any(|words| reading.says().contains(words));
                said += u32::from(by_letter);
                assert!(!by_letter || reading.by_text, "{} = {}: the text has it", question.key, reading.word);
            }
            let repaired = question.readings.iter().any(|reading| question.takers(reading).any(|t| t == Taker::Repair));
            assert!(!repaired || !question.numbers.is_empty(), "{}: a repair that nobody argues", question.key);
        }
        assert!(said > 10, "{said} sentences speak of the letter");
    }

    /// A number leads to an entry that speaks of the key.
    #[test]
    fn numbers_lead_to_arguments() {
        let entries = include_str!("../spec/questions.md");
        for question in QUESTIONS {
            for number in question.numbers {
                let begins = |rest: &&str| rest.strip_prefix(number).is_some_and(|rest| rest.starts_with(' '));
                let entry = entries.split("\n### ").find(begins);
                let entry = entry.unwrap_or_else(|| panic!("{}: there is no {number}", question.key));
                let key = question.key;
                assert!(entry.split('`').any(|word| word.starts_with(key)), "{number} does not speak of {key}");
            }
        }
    }

    /// What is asked has an answer by the text, and somebody who takes each reading; and every sentence is one.
    #[test]
    fn every_question_can_be_read() {
        for question in QUESTIONS {
            let key = question.key;
            assert!(question.readings.len() > 1, "{key} has one answer");
            assert!(question.readings.iter().any(|reading| reading.by_text), "{key}: what does the text say?");
            assert!(question.section.starts_with("failover-12 "), "{key} is in no section");
            let says = question.readings.iter().map(|reading| reading.says());
            for sentence in says.chain([question.about()]) {
                let ends = sentence.ends_with(['.', ')']);
                let begins = sentence.starts_with(|c: char| c.is_ascii_uppercase());
                assert!(begins && ends && !sentence.contains("  "), "{key}: {sentence}");
            }
        }
    }
}
