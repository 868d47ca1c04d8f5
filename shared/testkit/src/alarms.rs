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
            let mut state = self.state();
            let due = state.alarms.iter().take_while(|((at, _, _), _)| *at <= now);
            let due: Vec<_> = due.map(|(key, identity)| (key.clone(), identity.clone())).collect();
            state.alarms.retain(|(at, _, _), _| *at > now);
            due
        };
        let count = due.len();
        for ((at, group, turn), identity) in due {
            let event = InboundEvent::timer(identity, Alarm { at, turn });
            let message =
                Queued { body: write_inbound(&event), group: group.into(), dedup: event.id.as_str().to_owned() };
            self.put(Queue::Inbound, message);
        }
        self.state().rung += count as u64;
        count
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
        self.state().alarms.insert((alarm.at, identity.group(), alarm.turn), identity.clone());
        self.leave("alarms").await
    }

    async fn cancel(&self, group: &GroupId, alarm: Alarm) -> Result<(), PortError> {
        self.enter("alarms").await?;
        self.state().alarms.remove(&(alarm.at, group.clone(), alarm.turn));
        self.leave("alarms").await
    }
}
