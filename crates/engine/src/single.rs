//! One user, one turn at a time, with everything that crossed the wire kept: for those who write
//! users.

use crate::EngineError;
use crate::run::{Way, limits, reach, way};
use victor_clock::{Duration, Instant, now};
use victor_dialect::{Answer, Conversation, Decoder, Dialect, Failure};
use victor_plan::{Api, Carrier, Plan};
use victor_users::{Asked, Class, Run as UserRun, User};
use victor_wire::{
    Channel, Client, Endpoint, Head, Limits, Message, RequestTemplate, Sink, Target, Times,
    WebSocket, WireError,
};

/// A user of one class and its way to the target.
#[derive(Debug)]
pub struct Single {
    user: User,
    api: Api,
    dialect: Dialect,
    conversation: Conversation,
    template: RequestTemplate,
    client: Client,
    line: Line,
    limits: Limits,
    run_id: String,
    began: Instant,
    turns: u64,
}

#[derive(Debug)]
enum Line {
    Http(Box<Channel>),
    Socket(Option<Box<WebSocket>>),
}

/// One turn with all that was sent and received.
#[derive(Debug)]
pub struct Exchange {
    /// What the user wanted, and what it would take for a right answer.
    pub asked: Asked,
    /// The request as it was sent; on a WebSocket the text of the frame.
    pub request: Vec<u8>,
    /// Status of the answer and the time since the turn began; `None` when none came, and on a
    /// WebSocket.
    pub status: Option<(u16, Duration)>,
    /// The pieces of the answer's body as reads brought them, with the time since the turn began.
    pub pieces: Vec<(Duration, Vec<u8>)>,
    /// From the start of the turn to the answer's last byte, or to its failure.
    pub took: Duration,
    /// The judgement.
    pub judged: Result<Answer, Failure>,
}

impl Single {
    /// A user of `class` as `plan` would start it, once its target accepts connections.
    ///
    /// # Errors
    /// When the address is wrong or nothing answers; nothing was sent then.
    pub async fn start(plan: &Plan, class: Class, run_id: &str) -> Result<Self, EngineError> {
        let endpoint = Endpoint::parse(&plan.target.host)?;
        let target = Target::new(endpoint, plan.target.transport.clone())?;
        let addresses = reach(plan, &target).await?;
        let Way { api, dialect, template, .. } = way(plan, &target, &addresses).await?;
        let client = Client::new(target, addresses);
        let line = match plan.target.transport.carrier {
            Carrier::Http => Line::Http(Box::new(client.channel())),
            Carrier::WebSocket => Line::Socket(None),
        };
        let run = UserRun::new(run_id, plan.seed);
        Ok(Self {
            user: User::new(class, &run, 0),
            api,
            dialect,
            conversation: Conversation::default(),
            template,
            client,
            line,
            limits: limits(plan),
            run_id: run_id.to_owned(),
            began: now(),
            turns: 0,
        })
    }

    /// What the target is spoken to in: the plan's choice, or what was found.
    #[must_use]
    pub fn api(&self) -> Api {
        self.api
    }

    /// Makes the user's next turn.
    pub async fn turn(&mut self) -> Exchange {
        self.turns += 1;
        let planned = now();
        let asked = self.user.ask(planned - self.began);
        let id = format!("{}-0-{}", self.run_id, self.turns);
        let mut times = Times::default();
        let (request, kept, heard) = match &mut self.line {
            Line::Http(channel) => {
                let body = self.dialect.encode(&asked.turn, &self.conversation);
                let message = Message { template: &self.template, request_id: &id, body: &body };
                let mut kept = Kept::new(self.dialect.decoder(), planned);
                let exchanged = self
                    .client
                    .exchange(channel, message, &self.limits, planned, &mut kept, &mut times)
                    .await;
                (self.template.render(&id, "", &body), kept, exchanged)
            }
            Line::Socket(socket) => {
                let text = self.dialect.frame(&asked.turn, &self.conversation, &id);
                let mut kept = Kept::new(self.dialect.socket_decoder(), planned);
                let way = (&self.client, &self.template, &self.limits);
                let talked = talk(way, socket, text.clone(), planned, &mut kept, &mut times).await;
                (text.into_bytes(), kept, talked)
            }
        };
        let done = times.last_byte.filter(|_| heard.is_ok()).unwrap_or_else(now);
        let Kept { decoder, status, pieces, .. } = kept;
        let mut heard = match heard {
            Err(error) if !decoder.has_ended() => {
                Err(Failure::new(error.kind(), error.to_string()))
            }
            _ => decoder.finish(),
        };
        if let Ok(answer) = &mut heard {
            self.dialect.settle(&asked.turn, &mut self.conversation, answer);
        }
        let judged = self.user.hear(&asked, heard);
        Exchange { asked, request, status, pieces, took: done - planned, judged }
    }
}

/// One turn on the WebSocket, which stays open.
async fn talk(
    (client, template, limits): (&Client, &RequestTemplate, &Limits),
    line: &mut Option<Box<WebSocket>>,
    text: String,
    planned: Instant,
    kept: &mut Kept,
    times: &mut Times,
) -> Result<(), WireError> {
    let mut socket = match line.take() {
        Some(open) => open,
        None => Box::new(client.web_socket(template, limits, planned, times).await?),
    };
    socket.send(text, planned + limits.total, times).await?;
    loop {
        let Some((text, at)) = socket.next(limits, planned, times).await? else {
            return Err(WireError::Cut { received: times.received });
        };
        kept.pieces.push((at - planned, text.as_bytes().to_vec()));
        if kept.decoder.text(&text, at) {
            *line = Some(socket);
            return Ok(());
        }
    }
}

/// Keeps what it hands to the decoder.
struct Kept {
    decoder: Decoder,
    planned: Instant,
    status: Option<(u16, Duration)>,
    pieces: Vec<(Duration, Vec<u8>)>,
}

impl Kept {
    fn new(decoder: Decoder, planned: Instant) -> Self {
        Self { decoder, planned, status: None, pieces: Vec::new() }
    }
}

impl Sink for Kept {
    fn head(&mut self, head: &Head, at: Instant) {
        self.status = Some((head.status, at - self.planned));
        self.decoder.head(head, at);
    }

    fn data(&mut self, data: &[u8], at: Instant) {
        self.pieces.push((at - self.planned, data.to_vec()));
        self.decoder.data(data, at);
    }
}
