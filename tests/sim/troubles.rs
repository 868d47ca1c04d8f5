//! What goes wrong in a run: invocations that die or hang, parts that are out of order, alarms that are late, early or
//! come twice.

use app::ports::Clock as _;
use domain::{Alarm, GroupId, UnixMillis};
use testkit::Queue;

use crate::run::Simulation;
use crate::stage::VISIBILITY;

/// Seconds by which an alarm may be late.
pub(crate) const LATE: i64 = 60;

/// What becomes of an invocation at an await.
pub(crate) enum Fate {
    GoesOn,
    Hangs(UnixMillis),
    Dies,
}

impl Simulation {
    /// What befalls an invocation at an await: while faults are on, it may die, or hang: a mortal one, which dies when
    /// its time is up, for less than that, another until about when its messages are handed on.
    pub(crate) fn struck(&mut self, mortal: bool) -> Fate {
        if self.calm || self.facts.borrow().writing == 0 {
            return Fate::GoesOn;
        }
        match self.rng.u32(0..1000) {
            0..4 => {
                self.report.fault("death");
                Fate::Dies
            }
            4..14 => {
                self.report.fault("hang");
                let seconds = if mortal { 1..VISIBILITY } else { VISIBILITY - 5..VISIBILITY + 20 };
                Fate::Hangs(self.stage.world.now().plus_seconds(self.rng.i64(seconds)))
            }
            _ => Fate::GoesOn,
        }
    }

    /// Now and then a part is out of order for a while.
    pub(crate) fn outage(&mut self) {
        let now = self.stage.world.now();
        if self.mended_at.is_some_and(|mended| mended <= now) {
            self.mended_at = None;
            self.stage.world.break_part(None);
        }
        if self.calm || self.mended_at.is_some() || self.rng.u32(0..1_500) > 0 || self.facts.borrow().writing == 0 {
            return;
        }
        let part = self.rng.choice(["table", "inbound", "outbound", "alarms", "wire", "secrets"]).unwrap();
        self.report.fault(&format!("{part}: out of order"));
        self.stage.world.break_part(Some(part));
        self.mended_at = Some(now.plus_seconds(self.rng.i64(1..40)));
    }

    /// Lets alarms go off: up to a minute late, now and then a little early, or twice.
    pub(crate) fn ring(&mut self) {
        let world = &self.stage.world;
        let (now, moves) = (world.now(), world.alarm_moves());
        if moves == self.alarm_moves && self.rings.values().all(|goes_off| *goes_off > now) {
            return;
        }
        self.alarm_moves = moves;
        let set = world.all_alarms();
        self.rings.retain(|(group, turn), _| set.iter().any(|(of, alarm)| of == group && alarm.turn == *turn));
        for (group, alarm) in set {
            let key = (group.clone(), alarm.turn);
            let rng = &mut self.rng;
            let goes_off = *self.rings.entry(key).or_insert_with(|| {
                let late = if rng.u32(0..20) == 0 { -rng.i64(1..10) } else { rng.i64(0..LATE) };
                alarm.at.max(now).plus_seconds(late)
            });
            if goes_off <= now {
                self.go_off(&group, alarm);
            }
        }
    }

    fn go_off(&mut self, group: &GroupId, alarm: Alarm) {
        let world = &self.stage.world;
        let before = world.sent(Queue::Inbound);
        world.ring_alarm(group, alarm);
        self.rings.remove(&(group.clone(), alarm.turn));
        if self.rng.u32(0..20) == 0
            && let Some(mut again) = world.sent_as(Queue::Inbound, before)
        {
            // The scheduler delivers at least once, and its copies are told apart by nothing.
            again.dedup.push_str("-again");
            world.put(Queue::Inbound, again);
            self.report.copies += 1;
        }
    }
}
