//! The loop: accept, read, answer now or when it is due.

use crate::answer::Answer;
use crate::clients::{Client, Heard};
use crate::due::due;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::time::Timespec;
use std::collections::{HashMap, VecDeque};
use std::io;
use std::mem::MaybeUninit;
use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

/// When a request is answered.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Timing {
    AtOnce,
    Stalling { service: Duration, stall: Duration, period: Duration },
}

const LISTENER: u64 = u64::MAX;

struct Server<'a> {
    epoll: OwnedFd,
    listener: TcpListener,
    answer: &'a Answer,
    timing: Timing,
    start: Instant,
    clients: HashMap<u64, Client>,
    next: u64,
    /// Answers due, in the order of their requests, which is that of their times.
    waiting: VecDeque<(Duration, u64)>,
}

/// Serves until it is killed.
///
/// # Errors
/// When the port cannot be had, or the system refuses to poll.
pub(crate) fn serve(port: u16, answer: &Answer, timing: Timing) -> io::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    listener.set_nonblocking(true)?;
    let epoll = epoll::create(CreateFlags::CLOEXEC)?;
    epoll::add(&epoll, &listener, EventData::new_u64(LISTENER), EventFlags::IN)?;
    let mut server = Server {
        epoll,
        listener,
        answer,
        timing,
        start: crate::now(),
        clients: HashMap::new(),
        next: 0,
        waiting: VecDeque::new(),
    };
    let mut scratch = vec![0; 64 * 1024];
    loop {
        let mut space = [MaybeUninit::<Event>::uninit(); 256];
        let timeout = server.until_due();
        let (events, _) = epoll::wait(&server.epoll, &mut space, timeout.as_ref())?;
        for event in events.iter() {
            match event.data.u64() {
                LISTENER => server.accept()?,
                client => server.read(client, &mut scratch),
            }
        }
        server.answer_due();
    }
}

impl Server<'_> {
    fn accept(&mut self) -> io::Result<()> {
        while let Ok((stream, _)) = self.listener.accept() {
            let client = Client::new(stream)?;
            let data = EventData::new_u64(self.next);
            epoll::add(&self.epoll, &client.stream, data, EventFlags::IN)?;
            self.clients.insert(self.next, client);
            self.next += 1;
        }
        Ok(())
    }

    fn read(&mut self, number: u64, scratch: &mut [u8]) {
        let Some(client) = self.clients.get_mut(&number) else { return };
        match client.read(scratch) {
            Heard::Gone => drop(self.clients.remove(&number)),
            Heard::Requests(count) => (0..count).for_each(|_| self.request(number)),
        }
    }

    fn request(&mut self, number: u64) {
        match self.timing {
            Timing::AtOnce => self.send(number),
            Timing::Stalling { service, stall, period } => {
                let at = due(self.start.elapsed(), service, stall, period);
                self.waiting.push_back((at, number));
            }
        }
    }

    fn send(&mut self, number: u64) {
        let Some(client) = self.clients.get_mut(&number) else { return };
        if self.answer.send(&mut client.stream).is_err() {
            self.clients.remove(&number);
        }
    }

    fn answer_due(&mut self) {
        while let Some((_, number)) =
            self.waiting.pop_front_if(|(at, _)| *at <= self.start.elapsed())
        {
            self.send(number);
        }
    }

    /// How long nothing is due. The system counts in milliseconds and rounds up, so the last one is
    /// spent asking.
    fn until_due(&self) -> Option<Timespec> {
        let left = self.waiting.front()?.0.saturating_sub(self.start.elapsed());
        Timespec::try_from(left.saturating_sub(Duration::from_millis(1))).ok()
    }
}
