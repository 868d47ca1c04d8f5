//! Phone numbers, as far as their form tells.

use domain::Handle;

/// A customer's number in E.164: `+`, the country's code and the rest, 7 to 15 digits.
///
/// # Errors
/// What it is instead.
pub(super) fn customer(number: &str) -> Result<&str, &'static str> {
    let digits = number.strip_prefix('+').unwrap_or(number);
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err("is no phone number: a name cannot be written to");
    }
    if digits.len() < 7 {
        return Err("is a short code: it belongs to a company, and cannot be written to");
    }
    if digits.len() == number.len() || Handle::phone(number).is_err() {
        return Err("is not in E.164: `+`, the country's code, 7 to 15 digits in all");
    }
    Ok(number)
}

/// A number of mainland China as its gateways write it: with or without the country's code.
///
/// # Errors
/// What it is instead.
pub(super) fn mainland(number: &str) -> Result<String, &'static str> {
    let digits = number.strip_prefix('+').or_else(|| number.strip_prefix("00")).unwrap_or(number);
    let international = digits.len() < number.len();
    let is_mobile = |digits: &str| digits.len() == 11 && digits.starts_with('1');
    let whole = match digits.strip_prefix("86") {
        Some(rest) if is_mobile(rest) => format!("+{digits}"),
        Some(_) if international => return Err("is no mobile number of mainland China"),
        _ if is_mobile(digits) && !international => format!("+86{digits}"),
        // Gateways write numbers of other countries with their codes.
        _ if international => format!("+{digits}"),
        _ => digits.to_owned(),
    };
    customer(&whole).map(str::to_owned)
}
