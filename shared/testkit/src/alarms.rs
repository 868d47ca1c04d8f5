//! Alarms: schedules that put a timer event into the inbound queue once their time has come.

use app::PortError;
use app::envelope::write_inbound;
use app::ports::{Alarms, Clock as _};
use async_trait::async_trait;
use domain::{Alarm, GroupId, Identity, InboundEvent, UnixMillis};

use crate::fifo::Queued;
use crate::{Queue, World};

impl World {
    /// Lets alarms go off whose time has come; how many did.
    pub fn ring(&self) -> usize {
        let now = self.now();
        let due: Vec<_> = {
            let state = self.state();
            let due = state.alarms.keys().take_while(|(at, _, _)| *at <= now);
            due.map(|(at, group, turn)| (group.clone(), Alarm { at: *at, turn: *turn })).collect()
        };
        due.iter().filter(|(group, alarm)| self.ring_alarm(group, *alarm)).count()
    }

    /// Lets this alarm go off, early or late; whether it was set.
    pub fn ring_alarm(&self, group: &GroupId, alarm: Alarm) -> bool {
        let identity = {
            let mut state = self.state();
            state.alarm_moves += 1;
            state.alarms.remove(&(alarm.at, group.clone(), alarm.turn))
        };
        let Some(identity) = identity else { return false };
        let event = InboundEvent::timer(identity, alarm);
        let (group, dedup) = (group.clone().into(), event.id.as_str().to_owned());
        self.put(Queue::Inbound, Queued { body: write_inbound(&event), group, dedup });
        self.state().rung += 1;
        true
    }

    /// Every alarm that is set, the soonest first.
    pub fn all_alarms(&self) -> Vec<(GroupId, Alarm)> {
        let state = self.state();
        state.alarms.keys().map(|(at, group, turn)| (group.clone(), Alarm { at: *at, turn: *turn })).collect()
    }

    /// How often alarms were set, taken back or went off: grows with each.
    pub fn alarm_moves(&self) -> u64 {
        self.state().alarm_moves
    }

    /// How often an identity's alarm was asked for.
    pub fn alarms_asked(&self, group: &GroupId) -> u64 {
        self.state().alarms_asked.get(group).copied().unwrap_or_default()
    }

    /// When the next alarm goes off; `None` if none is set.
    pub fn next_alarm(&self) -> Option<UnixMillis> {
        self.state().alarms.keys().next().map(|(at, _, _)| *at)
    }

    /// The alarms of an identity that are set.
    pub fn alarms(&self, group: &GroupId) -> Vec<Alarm> {
        let state = self.state();
        let of_group = state.alarms.keys().filter(|(_, of, _)| of == group);
        of_group.map(|(at, _, turn)| Alarm { at: *at, turn: *turn }).collect()
    }

    /// How many alarms went off so far.
    pub fn rung(&self) -> u64 {
        self.state().rung
    }
}

#[async_trait]
impl Alarms for World {
    async fn set(&self, identity: &Identity, alarm: Alarm) -> Result<(), PortError> {
        self.enter("alarms").await?;
        {
            let mut state = self.state();
            let group = identity.group();
            state.alarm_moves += 1;
            *state.alarms_asked.entry(group.clone()).or_default() += 1;
            state.alarms.insert((alarm.at, group, alarm.turn), identity.clone());
        }
        self.leave("alarms").await
    }

    async fn cancel(&self, group: &GroupId, alarm: Alarm) -> Result<(), PortError> {
        self.enter("alarms").await?;
        {
            let mut state = self.state();
            state.alarm_moves += 1;
            state.alarms.remove(&(alarm.at, group.clone(), alarm.turn));
        }
        self.leave("alarms").await
    }
}
