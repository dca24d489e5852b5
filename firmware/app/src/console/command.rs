//! What a line means, and doing it.

use super::editor::PROMPT;
use super::keys::{Key, Keys};
use super::line::{ASK, Line, Redraw, is_blank};
use super::print::{self, Date};
use crate::memory::{Memories, NewText};
use crate::time::Time;
use core::fmt::{Result, Write};
use memt_core::feedback::{Verdict, Weight};
use memt_core::link::{Done, Refusal, Which};
use memt_core::query::{DEFAULT_MIN_SCORE, Hit, QueryOptions};
use memt_core::slot::{self, Factor, Owner, Timestamp};

/// Hits that `ask` shows.
const SHOWN: usize = 3;

const HELP: &str = "\
add TEXT       remember a text\r
ask QUESTION   find memories by meaning and words\r
list [N]       show the newest N memories (10)\r
get KEY        show a memory\r
right KEY      say that a memory answers the last question; wrong KEY: does not\r
forget KEY     forget a memory; forget all: every one of this owner's\r
replay [KEY]   rehearse a memory, or all of this owner's\r
compact N      forget the least retained until N are left\r
owner [N]      show or choose whose memories these are\r
time [SECONDS] show or set the time, in seconds since 1970\r
stats          count\r
export         how to copy the memories to a computer\r
Keys: arrows, Home, End, Backspace, Delete, ^A ^E ^K ^U ^W ^C, Up for earlier lines.\r
";

/// The console's own state.
#[derive(Debug, Default)]
pub(crate) struct Console {
    keys: Keys,
    owner: Owner,
    /// Whether the next line may say `yes` to forgetting all of the owner's memories.
    confirming: bool,
}

/// A line understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Command<'l> {
    Nothing,
    Help,
    Add(&'l str),
    Ask(&'l str),
    List(usize),
    Get(slot::Key),
    Forget(slot::Key),
    ForgetAll,
    Judge(slot::Key, Verdict),
    Replay(Option<slot::Key>),
    Compact(usize),
    Owner(Option<u64>),
    Time(Option<u32>),
    Stats,
    Export,
    Yes,
    /// What to say instead.
    Wrong(&'static str),
}

fn parse(line: &str) -> Command<'_> {
    let line = line.trim_ascii();
    let (word, rest) = line.split_once(is_blank).unwrap_or((line, ""));
    let rest = rest.trim_ascii();
    match word {
        "" => Command::Nothing,
        "help" | "?" => Command::Help,
        "add" if rest.is_empty() => Command::Wrong("add what? add TEXT"),
        "add" => Command::Add(rest),
        ASK if rest.is_empty() => Command::Wrong("ask what? ask QUESTION"),
        ASK => Command::Ask(rest),
        "list" if rest.is_empty() => Command::List(10),
        "list" => number(rest).map_or(Command::Wrong("list [N]"), |count: u32| {
            Command::List(count as usize)
        }),
        "get" => key(rest).map_or(Command::Wrong("get KEY, as list shows it"), Command::Get),
        "forget" if rest == "all" => Command::ForgetAll,
        "forget" => key(rest).map_or(Command::Wrong("forget KEY, or forget all"), Command::Forget),
        "right" | "wrong" => {
            let verdict = match word {
                "right" => Verdict::Positive,
                _ => Verdict::Negative,
            };
            key(rest).map_or(Command::Wrong("right KEY, or wrong KEY"), |key| {
                Command::Judge(key, verdict)
            })
        }
        "replay" if rest.is_empty() => Command::Replay(None),
        "replay" => key(rest).map_or(Command::Wrong("replay [KEY]"), |key| {
            Command::Replay(Some(key))
        }),
        "compact" => number(rest).map_or(Command::Wrong("compact N"), |keep: u32| {
            Command::Compact(keep as usize)
        }),
        "owner" if rest.is_empty() => Command::Owner(None),
        "owner" => number(rest).map_or(Command::Wrong("owner [N], a number"), |owner| {
            Command::Owner(Some(owner))
        }),
        "time" if rest.is_empty() => Command::Time(None),
        "time" => number(rest).map_or(Command::Wrong("time [SECONDS since 1970]"), |time| {
            Command::Time(Some(time))
        }),
        "stats" => Command::Stats,
        "export" => Command::Export,
        "yes" => Command::Yes,
        _ => Command::Wrong("no such command; help shows them all"),
    }
}

fn number<N: core::str::FromStr>(text: &str) -> Option<N> {
    text.parse().ok()
}

fn key(text: &str) -> Option<slot::Key> {
    let (origin, counter) = text.split_once('-')?;
    Some(slot::Key {
        origin: number(origin)?,
        counter: number(counter)?,
    })
}

impl Console {
    /// Begins a session.
    pub(crate) fn wake(&mut self, out: &mut impl Write) -> Result {
        let owner = self.owner;
        *self = Self {
            owner,
            ..Self::default()
        };
        write!(
            out,
            "\r\nmemt {}: help shows what can be done\r\n{PROMPT}",
            env!("CARGO_PKG_VERSION")
        )
    }

    /// Takes a byte that was typed.
    pub(crate) fn byte(
        &mut self,
        byte: u8,
        line: &mut Line<'_>,
        memory: &mut impl Memories,
        time: &mut Time,
        out: &mut impl Write,
    ) -> Result {
        match self.keys.byte(byte) {
            None => Ok(()),
            Some(Key::Enter) => {
                out.write_str("\r\n")?;
                line.remember();
                self.execute(parse(line.text()), line.asked(), memory, time, out)?;
                line.clear();
                out.write_str(PROMPT)
            }
            Some(Key::Cancel) => {
                line.clear();
                self.confirming = false;
                write!(out, "^C\r\n{PROMPT}")
            }
            Some(key) => match line.key(key) {
                Redraw::No => Ok(()),
                Redraw::Bell => out.write_str("\x07"),
                Redraw::Line => match key {
                    Key::Character(character) if line.is_at_end() => out.write_char(character),
                    _ => line.draw(PROMPT, out),
                },
            },
        }
    }

    fn execute(
        &mut self,
        command: Command<'_>,
        asked: Option<&str>,
        memory: &mut impl Memories,
        time: &mut Time,
        out: &mut impl Write,
    ) -> Result {
        let now = time.now();
        let confirmed = core::mem::take(&mut self.confirming);
        let changed = match command {
            Command::Nothing => return Ok(()),
            Command::Help => return out.write_str(HELP),
            Command::Wrong(hint) => return write!(out, "{hint}\r\n"),
            Command::Add(text) => return self.add(text, memory, now, out),
            Command::Ask(question) => return self.ask(question, memory, now, out),
            Command::List(count) => return self.list(count, memory, out),
            Command::Get(key) => return get(key, memory, now, out),
            Command::Stats => return stats(memory, time, out),
            Command::Export => {
                return out.write_str("on a computer: memt device pull FILE --port PORT\r\n");
            }
            Command::Owner(number) => {
                self.owner = number.map_or(self.owner, Owner);
                return write!(out, "owner {}\r\n", self.owner.0);
            }
            Command::Time(seconds) => {
                if let Some(seconds) = seconds {
                    time.set(Timestamp(seconds));
                }
                return write!(out, "{}\r\n", Date(time.now()));
            }
            Command::ForgetAll => {
                self.confirming = true;
                return out.write_str("forget all memories of this owner for good? yes\r\n");
            }
            Command::Yes if confirmed => ("forgot", memory.forget(Which::Owner(self.owner), now)),
            Command::Yes => return out.write_str("nothing was asked\r\n"),
            Command::Judge(key, verdict) => return judge(key, verdict, asked, memory, now, out),
            Command::Forget(key) => ("forgot", memory.forget(Which::Key(key), now)),
            Command::Replay(key) => {
                let which = key.map_or(Which::Owner(self.owner), Which::Key);
                ("rehearsed", memory.replay(which, now))
            }
            Command::Compact(keep) => ("forgot", memory.compact(keep, now)),
        };
        match changed {
            (done, Ok(count)) => write!(out, "{done} {count}\r\n"),
            (_, Err(refusal)) => refused(refusal, out),
        }
    }

    fn add(
        &self,
        text: &str,
        memory: &mut impl Memories,
        now: Timestamp,
        out: &mut impl Write,
    ) -> Result {
        let new = NewText {
            owner: self.owner,
            text,
            created: now,
            importance: Factor::ONE,
            evict: true,
        };
        match memory.add(&new) {
            Ok(report) => {
                write!(out, "added {}", report.key)?;
                if let Some(evicted) = report.evicted {
                    write!(out, "; {evicted} had to go")?;
                }
                if !report.verification.verified {
                    out.write_str("; an earlier memory is as near to it")?;
                }
                out.write_str("\r\n")
            }
            Err(refusal) => refused(refusal, out),
        }
    }

    fn ask(
        &self,
        question: &str,
        memory: &mut impl Memories,
        now: Timestamp,
        out: &mut impl Write,
    ) -> Result {
        let options = QueryOptions {
            min_score: DEFAULT_MIN_SCORE,
            times: Some(now),
            ..QueryOptions::of_owner(self.owner)
        };
        let mut hits = [Hit::default(); SHOWN];
        match memory.query(question, &options, Some(now), &mut hits) {
            Ok(0) => out.write_str("nothing found\r\n"),
            Ok(found) => {
                for hit in &hits[..found] {
                    if let Some(slot) = memory.get(hit.key) {
                        print::hit(hit, slot, out)?;
                    }
                }
                Ok(())
            }
            Err(refusal) => refused(refusal, out),
        }
    }

    fn list(&self, count: usize, memory: &impl Memories, out: &mut impl Write) -> Result {
        let own = || memory.owned_by(Some(self.owner));
        let all = own().count();
        for slot in own().skip(all.saturating_sub(count)) {
            print::listed(slot, out)?;
        }
        write!(out, "{} of {all} memories\r\n", count.min(all))
    }
}

fn judge(
    key: slot::Key,
    verdict: Verdict,
    asked: Option<&str>,
    memory: &mut impl Memories,
    now: Timestamp,
    out: &mut impl Write,
) -> Result {
    let Some(question) = asked else {
        return out.write_str("ask first\r\n");
    };
    match memory.judge(key, question, Some(verdict), now) {
        Ok(Done::Judged {
            weight: Weight(0), ..
        }) => out.write_str("so it was already\r\n"),
        Ok(_) => out.write_str("learned\r\n"),
        Err(refusal) => refused(refusal, out),
    }
}

fn get(key: slot::Key, memory: &mut impl Memories, now: Timestamp, out: &mut impl Write) -> Result {
    if let Err(refusal) = memory.record_access(key, now) {
        refused(refusal, out)?;
    }
    match memory.get(key) {
        Some(slot) => print::whole(slot, out),
        None => out.write_str("no such memory\r\n"),
    }
}

fn stats(memory: &impl Memories, time: &mut Time, out: &mut impl Write) -> Result {
    let (about, counts) = (memory.about(), memory.counts(None));
    write!(
        out,
        "{} of {} memories, {} bytes of text, up to {} each\r\n",
        counts.memories, about.slots, counts.text_bytes, about.text_bytes
    )?;
    write!(
        out,
        "read {} times; {} deletions known\r\n",
        counts.accesses, counts.deletions
    )?;
    write!(
        out,
        "model {}, origin {}, {} KiB of flash, now {}\r\n",
        about.fingerprint,
        about.origin,
        about.flash_bytes / 1024,
        Date(time.now())
    )
}

fn refused(refusal: Refusal, out: &mut impl Write) -> Result {
    write!(out, "{refusal}\r\n")
}

#[cfg(test)]
mod tests {
    use super::{Command, parse};
    use memt_core::feedback::Verdict;
    use memt_core::slot::Key;

    #[test]
    fn lines_are_understood_or_answered() {
        let key = Key {
            origin: 3,
            counter: 14,
        };
        for (line, command) in [
            ("  ", Command::Nothing),
            ("add  the boiler  valve ", Command::Add("the boiler  valve")),
            ("forget 3-14", Command::Forget(key)),
            ("forget all", Command::ForgetAll),
            ("wrong 3-14", Command::Judge(key, Verdict::Negative)),
            ("replay", Command::Replay(None)),
            ("list 3", Command::List(3)),
            ("time 1760000000", Command::Time(Some(1_760_000_000))),
        ] {
            assert_eq!(parse(line), command, "{line}");
        }
        for line in [
            "add",
            "forget",
            "forget everything",
            "get 3",
            "compact",
            "compact -1",
            "ADD x",
        ] {
            assert!(matches!(parse(line), Command::Wrong(_)), "{line}");
        }
    }
}
