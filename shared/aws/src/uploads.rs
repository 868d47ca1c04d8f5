//! Visitors' files: posted straight to S3 with a signed policy, read through signed links.
//!
//! The form follows "Authenticating Requests: Browser-Based Uploads Using POST (AWS Signature Version 4)" of the
//! Amazon S3 API reference.

use std::time::{Duration, SystemTime};

use app::PortError;
use app::files;
use app::ports::{UploadForm, UploadRequest, Uploads};
use app::visitor::LINK_SECONDS;
use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::{GroupId, UnixMillis, UploadId};

use crate::Aws;
use crate::error::failed;

/// The uploads bucket.
#[derive(Debug, Clone)]
pub struct S3Uploads {
    aws: Aws,
    client: Client,
    bucket: String,
    url: String,
}

impl S3Uploads {
    /// The bucket, and the address that browsers reach it under.
    pub fn new(aws: &Aws, bucket: &str, url: &str) -> Self {
        Self { aws: aws.clone(), client: Client::new(&aws.config), bucket: bucket.to_owned(), url: url.to_owned() }
    }

    async fn credentials(&self) -> Result<Credentials, PortError> {
        const DOING: &str = "find credentials";
        let provider = self.aws.config.credentials_provider().ok_or_else(|| PortError::transient(DOING, "none set"))?;
        provider.provide_credentials().await.map_err(|error| PortError::transient(DOING, error))
    }
}

/// The form's fields: the policy allows this one key, type and at most this size until it ends.
fn form_fields(
    request: &UploadRequest<'_>,
    bucket: &str,
    region: &str,
    credentials: &Credentials,
) -> Vec<(String, String)> {
    let key = files::key(request.group, request.upload);
    // `2026-11-22T10:00:00Z` → `20261122T100000Z`
    let stamp: String = UnixMillis::from_seconds(request.now.seconds()).rfc3339().replace(['-', ':'], "");
    let day: String = stamp.chars().take(8).collect();
    let mut fields = vec![
        ("key".to_owned(), key),
        ("content-type".to_owned(), request.mime.to_owned()),
        ("x-amz-algorithm".to_owned(), "AWS4-HMAC-SHA256".to_owned()),
        ("x-amz-credential".to_owned(), format!("{}/{day}/{region}/s3/aws4_request", credentials.access_key_id())),
        ("x-amz-date".to_owned(), stamp),
    ];
    if let Some(token) = credentials.session_token() {
        fields.push(("x-amz-security-token".to_owned(), token.to_owned()));
    }
    let mut conditions: Vec<serde_json::Value> =
        fields.iter().map(|(name, value)| serde_json::json!({ name.as_str(): value })).collect();
    conditions.push(serde_json::json!({ "bucket": bucket }));
    conditions.push(serde_json::json!(["content-length-range", 1, request.size]));
    let ends = UnixMillis::from_seconds(request.ends.seconds()).rfc3339();
    let policy = serde_json::json!({ "expiration": ends, "conditions": conditions }).to_string();
    let policy = STANDARD.encode(policy);
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(request.now.seconds().unsigned_abs());
    let signing_key = generate_signing_key(credentials.secret_access_key(), at, region, "s3");
    let signature = calculate_signature(signing_key, policy.as_bytes());
    fields.push(("policy".to_owned(), policy));
    fields.push(("x-amz-signature".to_owned(), signature));
    fields
}

#[async_trait]
impl Uploads for S3Uploads {
    async fn form(&self, request: &UploadRequest<'_>) -> Result<UploadForm, PortError> {
        let credentials = self.credentials().await?;
        let region = self.aws.config.region().map_or("us-east-1", |region| region.as_ref());
        let fields = form_fields(request, &self.bucket, region, &credentials);
        Ok(UploadForm { url: self.url.clone(), fields })
    }

    async fn link(&self, group: &GroupId, upload: &UploadId, _now: UnixMillis) -> Result<String, PortError> {
        const DOING: &str = "sign a link";
        let life = Duration::from_secs(LINK_SECONDS.unsigned_abs());
        let config = PresigningConfig::expires_in(life).map_err(|error| PortError::permanent(DOING, error))?;
        let get = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(files::key(group, upload))
            // What a visitor uploaded is never run in a page of ours.
            .response_content_disposition("attachment");
        let link = get.presigned(config).await.map_err(failed(DOING))?;
        Ok(link.uri().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_the_one_of_the_s3_reference() {
        // The worked example of the Amazon S3 API reference (sigv4-post-example): its policy, credentials and signature.
        let policy = "eyAiZXhwaXJhdGlvbiI6ICIyMDE1LTEyLTMwVDEyOjAwOjAwLjAwMFoiLA0KICAiY29uZGl0aW9ucyI6IFsNCiAgICB7ImJ1Y2tldCI6ICJzaWd2NGV4YW1wbGVidWNrZXQifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRrZXkiLCAidXNlci91c2VyMS8iXSwNCiAgICB7ImFjbCI6ICJwdWJsaWMtcmVhZCJ9LA0KICAgIHsic3VjY2Vzc19hY3Rpb25fcmVkaXJlY3QiOiAiaHR0cDovL3NpZ3Y0ZXhhbXBsZWJ1Y2tldC5zMy5hbWF6b25hd3MuY29tL3N1Y2Nlc3NmdWxfdXBsb2FkLmh0bWwifSwNCiAgICBbInN0YXJ0cy13aXRoIiwgIiRDb250ZW50LVR5cGUiLCAiaW1hZ2UvIl0sDQogICAgeyJ4LWFtei1tZXRhLXV1aWQiOiAiMTQzNjUxMjM2NTEyNzQifSwNCiAgICB7IngtYW16LXNlcnZlci1zaWRlLWVuY3J5cHRpb24iOiAiQUVTMjU2In0sDQogICAgWyJzdGFydHMtd2l0aCIsICIkeC1hbXotbWV0YS10YWciLCAiIl0sDQoNCiAgICB7IngtYW16LWNyZWRlbnRpYWwiOiAiQUtJQUlPU0ZPRE5ON0VYQU1QTEUvMjAxNTEyMjkvdXMtZWFzdC0xL3MzL2F3czRfcmVxdWVzdCJ9LA0KICAgIHsieC1hbXotYWxnb3JpdGhtIjogIkFXUzQtSE1BQy1TSEEyNTYifSwNCiAgICB7IngtYW16LWRhdGUiOiAiMjAxNTEyMjlUMDAwMDAwWiIgfQ0KICBdDQp9";
        let at = SystemTime::UNIX_EPOCH + Duration::from_hours(403_152);
        let key = generate_signing_key("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", at, "us-east-1", "s3");
        assert_eq!(
            calculate_signature(key, policy.as_bytes()),
            "8afdbf4008c03f22c2cd3cdb72e4afbb1f6a588f3255ac628749a66d7f09699e"
        );
    }

    #[test]
    fn the_policy_names_one_key_type_and_size() {
        let (group, upload) = (GroupId::derive(&[b"g"]), UploadId::derive(&[b"u"]));
        let now = UnixMillis(1_800_000_000_123);
        let request = UploadRequest {
            group: &group,
            upload: &upload,
            mime: "image/png",
            size: 77,
            now,
            ends: now.plus_seconds(600),
        };
        let credentials = Credentials::new("AKID", "secret", Some("token".into()), None, "test");
        let fields = form_fields(&request, "files", "eu-west-1", &credentials);
        let field = |name: &str| fields.iter().find(|(key, _)| key == name).unwrap().1.clone();
        assert_eq!(field("x-amz-date"), "20270115T080000Z");
        assert_eq!(field("x-amz-credential"), "AKID/20270115/eu-west-1/s3/aws4_request");
        let policy = STANDARD.decode(field("policy")).unwrap();
        let policy: serde_json::Value = serde_json::from_slice(&policy).unwrap();
        assert_eq!(policy["expiration"], "2027-01-15T08:10:00Z");
        let conditions = policy["conditions"].to_string();
        for wanted in ["\"content-length-range\",1,77", "image/png", "files", "x-amz-security-token", upload.as_str()] {
            assert!(conditions.contains(wanted), "{wanted}");
        }
    }
}
