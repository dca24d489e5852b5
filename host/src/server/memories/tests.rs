//! Changes that have to wait.

use super::*;
use crate::model::Model;
use crate::store::Opening;
use axum::http::StatusCode;
use std::future::Future;
use std::sync::mpsc::channel;
use std::task::{Context, Poll, Waker};

/// Asks for something to be done alone, and does not wait for it.
fn asked(memories: &Memories) -> (Poll<Result<(), ApiError>>, impl Future) {
    let mut done = Box::pin(memories.alone(|_| Ok(())));
    let answer = done.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    (answer, done)
}

#[test]
fn changes_beyond_what_may_wait_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let model: &'static Model = Box::leak(Box::new(Model::built_in().unwrap()));
    let encoder = model.text_encoder(Default::default()).unwrap();
    let opening = Opening::or_new(&folder.path().join("bank.redb"));
    let store = opening.open(encoder.fingerprint()).unwrap();
    let (memories, thread) = Memories::start(store, encoder).unwrap();
    let (began, begun) = channel();
    let (go_on, held) = channel::<()>();
    let mut first = Box::pin(memories.alone(move |_| {
        began.send(()).unwrap();
        // Until there is nobody who could say so.
        held.recv().unwrap_err();
        Ok(())
    }));
    let mut context = Context::from_waker(Waker::noop());
    assert!(first.as_mut().poll(&mut context).is_pending());
    begun.recv().unwrap();
    let waiting: Vec<_> = (0..MOST_WAITING).map(|_| asked(&memories)).collect();
    assert!(waiting.iter().all(|(answer, _)| answer.is_pending()));
    let Poll::Ready(Err(refused)) = asked(&memories).0 else {
        panic!("what is beyond the limit was not refused");
    };
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    let named = refused.headers.iter().map(|(name, _)| name.as_str());
    assert!(named.eq(["retry-after"]), "{refused}");
    // Once there is room, changes are made again.
    drop(go_on);
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let runtime = runtime.unwrap();
    runtime.block_on(first).unwrap();
    drop(waiting);
    let made = loop {
        match runtime.block_on(memories.alone(|_| Ok(7))) {
            Err(error) if error.status == StatusCode::SERVICE_UNAVAILABLE => {}
            made => break made,
        }
    };
    assert_eq!(made.unwrap(), 7);
    drop(memories);
    thread.join().unwrap();
}
