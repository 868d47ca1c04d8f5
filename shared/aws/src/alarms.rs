//! Alarms as one-time EventBridge schedules, each of which puts a timer event into the inbound queue and then deletes
//! itself. Source: EventBridge Scheduler user guide, "Schedule types", "Deleting a schedule".

use app::PortError;
use app::envelope::write_inbound;
use app::ports::{Alarms, Clock as _};
use async_trait::async_trait;
use aws_sdk_scheduler::Client;
use aws_sdk_scheduler::error::BuildError;
use aws_sdk_scheduler::operation::create_schedule::CreateScheduleError;
use aws_sdk_scheduler::operation::delete_schedule::DeleteScheduleError;
use aws_sdk_scheduler::types::{
    ActionAfterCompletion, FlexibleTimeWindow, FlexibleTimeWindowMode, SqsParameters, Target,
};
use domain::{Alarm, GroupId, Identity, InboundEvent, UnixMillis};

use crate::error::failed;
use crate::{Aws, SystemClock};

/// Seconds from now before which no schedule is made: one of the past would not go off.
const LEAST_AHEAD: i64 = 5;

/// Where alarms are set and go.
#[derive(Debug, Clone)]
pub struct AlarmSettings {
    /// The schedule group, by name.
    pub group: String,
    /// The role with which the scheduler sends.
    pub role: String,
    /// The inbound queue, by ARN.
    pub queue: String,
}

/// Alarms at the scheduler.
#[derive(Debug, Clone)]
pub struct SchedulerAlarms {
    client: Client,
    settings: AlarmSettings,
}

impl SchedulerAlarms {
    /// With these settings.
    pub fn new(aws: &Aws, settings: AlarmSettings) -> Self {
        Self { client: Client::new(&aws.config), settings }
    }

    fn target(&self, identity: &Identity, alarm: Alarm) -> Result<Target, BuildError> {
        let group = identity.group();
        Target::builder()
            .arn(&self.settings.queue)
            .role_arn(&self.settings.role)
            .input(write_inbound(&InboundEvent::timer(identity.clone(), alarm)))
            .sqs_parameters(SqsParameters::builder().message_group_id(group.as_str()).build())
            .build()
    }
}

/// A schedule's name: one for each alarm that was ever set.
fn name(group: &GroupId, alarm: Alarm) -> String {
    format!("{group}-{}", alarm.turn)
}

/// A time as the scheduler wants it, to the second, in UTC.
fn at(time: UnixMillis) -> String {
    // A started second is waited out: an alarm that is early has to be set again.
    let up = UnixMillis::from_seconds(time.plus_seconds(1).seconds());
    format!("at({})", up.rfc3339().trim_end_matches('Z'))
}

#[async_trait]
impl Alarms for SchedulerAlarms {
    async fn set(&self, identity: &Identity, alarm: Alarm) -> Result<(), PortError> {
        const DOING: &str = "set an alarm";
        let target = self.target(identity, alarm).map_err(|error| PortError::permanent(DOING, error))?;
        let window = FlexibleTimeWindow::builder().mode(FlexibleTimeWindowMode::Off).build();
        let sent = self
            .client
            .create_schedule()
            .name(name(&identity.group(), alarm))
            .group_name(&self.settings.group)
            .schedule_expression(at(alarm.at.max(SystemClock.now().plus_seconds(LEAST_AHEAD))))
            .flexible_time_window(window.map_err(|error| PortError::permanent(DOING, error))?)
            .action_after_completion(ActionAfterCompletion::Delete)
            .target(target)
            .send()
            .await;
        match sent {
            Err(error) if error.as_service_error().is_some_and(CreateScheduleError::is_conflict_exception) => Ok(()),
            sent => sent.map(|_| ()).map_err(failed(DOING)),
        }
    }

    async fn cancel(&self, group: &GroupId, alarm: Alarm) -> Result<(), PortError> {
        let sent = self.client.delete_schedule().name(name(group, alarm)).group_name(&self.settings.group).send().await;
        match sent {
            Err(error)
                if error.as_service_error().is_some_and(DeleteScheduleError::is_resource_not_found_exception) =>
            {
                Ok(())
            }
            sent => sent.map(|_| ()).map_err(failed("cancel an alarm")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_whole_seconds_and_never_early() {
        assert_eq!(at(UnixMillis(1_800_000_000_000)), "at(2027-01-15T08:00:01)");
        assert_eq!(at(UnixMillis(1_800_000_000_999)), "at(2027-01-15T08:00:01)");
    }
}
