//! One user's cookies.

/// Most cookies kept, and the longest kept; browsers allow about as much.
const MOST: usize = 50;
const LONGEST: usize = 4096;

/// What a server has asked one user to send back. Bound to the target's own host: `Domain`, `Path`,
/// `Secure` and `Expires` are not looked at, as a load test has one host and is shorter than they are;
/// a `Max-Age` of 0 or less forgets the cookie.
#[derive(Debug, Default)]
pub(crate) struct Cookies {
    kept: Vec<(String, String)>,
    /// The value of the `Cookie` header; empty when there is none to send.
    header: String,
}

impl Cookies {
    /// The value of the `Cookie` header; empty when there is none to send.
    pub(crate) fn header(&self) -> &str {
        &self.header
    }

    /// Takes the value of a `Set-Cookie` header. What is not one, or too much, is left out.
    pub(crate) fn set(&mut self, value: &str) {
        let mut parts = value.split(';');
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let (name, value) = (name.trim(), value.trim());
        let sound = |text: &str| text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if name.is_empty() || name.len() + value.len() > LONGEST || !sound(name) || !sound(value) {
            return;
        }
        let gone = parts.any(|attribute| {
            let (key, age) = attribute.split_once('=').unwrap_or((attribute, ""));
            let age: Option<i64> = age.trim().parse().ok();
            key.trim().eq_ignore_ascii_case("max-age") && age.is_some_and(|age| age <= 0)
        });
        let at = self.kept.iter().position(|(known, _)| known == name);
        match (at, gone) {
            (Some(at), true) => drop(self.kept.remove(at)),
            (None, true) => return,
            (Some(at), false) => value.clone_into(&mut self.kept[at].1),
            (None, false) if self.kept.len() < MOST => {
                self.kept.push((name.to_owned(), value.to_owned()));
            }
            (None, false) => return,
        }
        let pairs: Vec<_> =
            self.kept.iter().map(|(name, value)| format!("{name}={value}")).collect();
        self.header = pairs.join("; ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_sent_back_until_it_is_replaced_or_forgotten() {
        let mut cookies = Cookies::default();
        for value in ["a=1; Path=/; HttpOnly", "b = 2", "no cookie", "=x", "a=3; Max-Age=60"] {
            cookies.set(value);
        }
        assert_eq!(cookies.header(), "a=3; b=2");
        cookies.set("a=; max-age=0");
        cookies.set("c=1\u{7}");
        assert_eq!(cookies.header(), "b=2");
    }

    #[test]
    fn a_server_cannot_fill_the_memory() {
        let mut cookies = Cookies::default();
        for number in 0..1000 {
            cookies.set(&format!("c{number}={}", "x".repeat(100)));
        }
        cookies.set(&format!("long={}", "x".repeat(LONGEST)));
        assert_eq!(cookies.kept.len(), MOST);
    }
}
