//! `holobiont:plugin/modules`: the other modules, for a pipeline.

use wasmtime::component::Linker;

use super::Interface;
use crate::nest;
use crate::scan::MODULES;
use crate::state::RunState;
use crate::types::AskedTask;
use crate::weather::Touches;

pub(crate) fn link(linker: &mut Linker<RunState>) -> wasmtime::Result<()> {
    let mut i = Interface::new(linker, MODULES)?;
    i.func("available", |call, (): ()| {
        nest::describe_all(call.state)?;
        call.gives(nest::member_facts_bytes(call.state))?;
        Ok(nest::member_facts(call.state))
    })?;
    let data = |_: &RunState, _: &(String, AskedTask)| Touches::Data;
    i.func_at("invoke", data, |call, (id, task): (String, AskedTask)| {
        let words = task.words();
        call.takes(id.len() + task.payload.len() + words)?;
        // The payload is charged to the run that gets it; the words that go with it are copied a second time too.
        call.state.charge_bytes(words as u64);
        let mut result = nest::invoke(call.state, &id, &task)?;
        match &mut result {
            Ok(bytes) => call.delivers(bytes)?,
            Err(error) => call.gives(error.bytes())?,
        }
        Ok(result)
    })
}
