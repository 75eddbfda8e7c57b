//! A process and its live descendants.

use crate::ObserveError;
use procfs::process::{Process, Stat, all_processes};
use std::collections::{BTreeMap, BTreeSet};

/// The processes of the tree, each held open so that its id cannot come to mean another process.
#[derive(Debug)]
pub(crate) struct Tree {
    pid: u32,
    root: Process,
    descendants: BTreeMap<i32, Process>,
}

impl Tree {
    pub(crate) fn new(pid: u32) -> Result<Self, ObserveError> {
        let id = i32::try_from(pid).map_err(|_| ObserveError::Gone { pid })?;
        let root = Process::new(id).map_err(|error| ObserveError::of(pid, &error))?;
        let mut tree = Self { pid, root, descendants: BTreeMap::new() };
        tree.stats()?;
        tree.scan()?;
        Ok(tree)
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn root(&self) -> &Process {
        &self.root
    }

    /// Every process of the tree with its `stat`, the root first. Descendants that ended are left
    /// out and forgotten; one that only waits to be waited for still has its CPU time.
    pub(crate) fn stats(&mut self) -> Result<Vec<(&Process, Stat)>, ObserveError> {
        let gone = ObserveError::Gone { pid: self.pid };
        let stat = self.root.stat().map_err(|error| ObserveError::of(self.pid, &error))?;
        if matches!(stat.state, 'Z' | 'X') {
            return Err(gone);
        }
        let mut stats = Vec::with_capacity(1 + self.descendants.len());
        self.descendants.retain(|_, process| match process.stat() {
            Ok(stat) => {
                stats.push(stat);
                true
            }
            Err(_) => false,
        });
        // `retain` visits in order, so the two lists run in parallel.
        let descendants = self.descendants.values().zip(stats);
        Ok(std::iter::once((&self.root, stat)).chain(descendants).collect())
    }

    /// Adds children that main threads have forked since, and their children: one small file a
    /// process. Those forked by other threads are found by [`Self::scan`].
    pub(crate) fn follow_forks(&mut self) {
        let mut unvisited = children(&self.root);
        unvisited.extend(self.descendants.values().flat_map(children));
        while let Some(pid) = unvisited.pop() {
            if !self.descendants.contains_key(&pid)
                && let Ok(process) = Process::new(pid)
            {
                unvisited.extend(children(&process));
                self.descendants.insert(pid, process);
            }
        }
    }

    /// Adds every descendant, from the parents of all processes of the machine.
    pub(crate) fn scan(&mut self) -> Result<(), ObserveError> {
        let mut by_parent: BTreeMap<i32, Vec<Process>> = BTreeMap::new();
        for process in all_processes()?.flatten() {
            if let Ok(stat) = process.stat() {
                by_parent.entry(stat.ppid).or_default().push(process);
            }
        }
        let mut unvisited: BTreeSet<i32> = self.descendants.keys().copied().collect();
        unvisited.insert(self.root.pid());
        while let Some(parent) = unvisited.pop_first() {
            for process in by_parent.remove(&parent).unwrap_or_default() {
                unvisited.insert(process.pid());
                self.descendants.entry(process.pid()).or_insert(process);
            }
        }
        Ok(())
    }
}

fn children(process: &Process) -> Vec<i32> {
    let listed = process.task_main_thread().and_then(|task| task.children()).unwrap_or_default();
    listed.into_iter().filter_map(|pid| i32::try_from(pid).ok()).collect()
}
