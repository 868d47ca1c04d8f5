//! The company's own web page and app: visitors hold a session token and speak the visitor API.

mod capabilities;
mod parse;
pub mod session;
pub mod signed_in;
mod token;
mod verify;
mod wire;

use domain::{Capabilities, Delivery, Outbound, UnixMillis};

use crate::settings::any_key;
use crate::{
    Channel, Gate, KeySet, Need, Parsed, RawRequest, RenderError, Rendering, Verified, VerifyError, WireCall, WireReply,
};

pub use capabilities::{MAX_BODY_BYTES, MAX_TEXT_CHARS, MAX_UPLOAD_BYTES, UPLOAD_TYPES};
pub use verify::bearer;
pub use wire::WireMessage;

const NEEDS: &[Need] = &[Need::keys(session::SESSION_KEYS, "a key of `cargo local secrets set web`", any_key)];

/// The web channel.
#[derive(Debug, Clone, Copy)]
pub struct Web;

impl Channel for Web {
    fn needs(&self) -> &'static [Need] {
        NEEDS
    }

    fn capabilities(&self) -> &'static Capabilities {
        &capabilities::CAPABILITIES
    }

    fn verify<'a>(&self, request: &RawRequest<'a>, keys: &KeySet, now: UnixMillis) -> Result<Gate<'a>, VerifyError> {
        verify::verify(request, keys, now).map(Gate::Accept)
    }

    fn parse(&self, request: &Verified<'_>) -> Parsed {
        parse::parse(request)
    }

    fn render(&self, outbound: &Outbound, _with: &Rendering<'_>) -> Result<Vec<WireCall>, RenderError> {
        wire::render(outbound)
    }

    fn classify(&self, reply: &WireReply) -> Delivery {
        wire::classify(reply)
    }
}
