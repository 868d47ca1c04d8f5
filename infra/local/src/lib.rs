//! `cargo local`: builds Frontdesk, runs it on this machine with `template.yaml` as it is, and tests it.
//!
//! In reading order: [`cli`] names the commands; [`up`] and [`down`] start and stop a local stack out of [`tools`]
//! (pinned Python tools), [`package`] (what AWS Lambda would get), [`emulator`] (the AWS emulator), [`deploy`] (SAM),
//! [`secrets`], [`knowledge`] and the [`sandbox`]; [`stack`] says where all of it lies on the disk. [`redrive`] is what
//! an alarm about [`dead_letters`] in a [`dead_letter_queue`] calls for; [`forget`] and [`export`] are what a [`person`] may;
//! [`doctor`] finds what keeps customers from being served;
//! [`campaign`] is what the fault tests report, [`conformance`] what the [`oracles`] say of the channels;
//! [`encoder`] makes the bot's sentence encoder.

pub mod actions;
pub mod bench;
pub mod campaign;
pub mod channels;
pub mod cli;
pub mod clock;
pub mod cloud;
pub mod conformance;
pub mod console;
pub mod dead_letter_queue;
pub mod dead_letters;
pub mod debian;
pub mod deploy;
pub mod doctor;
pub mod doors;
pub mod down;
pub mod elf;
pub mod emulator;
pub mod encoder;
pub mod export;
pub mod forget;
pub mod hand_over;
pub mod http;
pub mod interrupt;
pub mod knowledge;
pub mod logs;
pub mod oracles;
pub mod package;
pub mod person;
pub mod process;
pub mod queue;
pub mod redrive;
pub mod run;
pub mod sandbox;
pub mod secrets;
pub mod stack;
pub mod status;
pub mod template;
pub mod test;
pub mod tools;
pub mod up;
