//! Links what a component imports of WASI.

use wasmtime::{
    Engine, StoreContextMut,
    component::{Component, Linker, LinkerInstance, ResourceDynamic, ResourceType, Type, Val, types::ComponentItem},
};

use super::{Stream, answers, preview1};
use crate::wasm::{WasiImport, host_imports::State};

/// Whether a plugin may import the interface of this name, whatever of it is given.
pub(in crate::wasm) fn is_wasi(interface: &str) -> bool {
    interface == preview1::INTERFACE || interface.starts_with("wasi:") && interface.contains("@0.2.")
}

/// Functions of WASI that a plugin may import; all of 0.2 together has some 200.
const FUNCTIONS: usize = 2_000;
/// Bytes of the name of an interface or of a function.
const NAME_BYTES: usize = 256;

/// A copy of a linker that gains what a component imports of WASI.
pub(in crate::wasm) struct WasiLinker {
    pub(in crate::wasm) linker: Linker<State>,
    /// In the order of the imports.
    pub(in crate::wasm) imports: Vec<WasiImport>,
}

impl WasiLinker {
    /// Returns none where the component imports nothing of WASI.
    ///
    /// # Errors
    /// Names that the engine does not take, too many or too long ones, and parameters that WASI does not have.
    pub(in crate::wasm) fn of(
        linker: &Linker<State>,
        engine: &Engine,
        component: &Component,
    ) -> wasmtime::Result<Option<Self>> {
        let mut wasi: Option<Self> = None;
        for (name, import) in component.component_type().imports(engine) {
            let ComponentItem::ComponentInstance(instance) = import.ty else { continue };
            if !is_wasi(name) {
                continue;
            }
            let wasi = wasi.get_or_insert_with(|| Self { linker: linker.clone(), imports: Vec::new() });
            check_name(name)?;
            let mut target = wasi.linker.instance(name)?;
            for (item, export) in instance.exports(engine) {
                match export.ty {
                    ComponentItem::Resource(_) => {
                        target.resource(
                            item,
                            ResourceType::host_dynamic(answers::resource_kind(item)),
                            |mut store, _| {
                                store.data_mut().resources.remove();
                                Ok(())
                            },
                        )?;
                    }
                    ComponentItem::ComponentFunc(function) => {
                        check_name(item)?;
                        if wasi.imports.len() == FUNCTIONS {
                            return Err(refusal(format!("imports more than {FUNCTIONS} functions of WASI")));
                        }
                        if function.params().any(|(_, ty)| has_list_of_flags(&ty, false)) {
                            return Err(refusal(format!("imports `{name}#{item}` with a list of flags")));
                        }
                        wasi.imports.push(add_function(&mut target, name, item)?);
                    }
                    _ => {}
                }
            }
        }
        Ok(wasi)
    }
}

/// Adds a function: one with an answer, or one that refuses.
fn add_function(
    target: &mut LinkerInstance<'_, State>,
    interface: &str,
    function: &str,
) -> wasmtime::Result<WasiImport> {
    let plain = interface.split_once('@').map_or(interface, |(name, _)| name);
    let answer = answers::of(plain, function);
    let is_print = interface == preview1::INTERFACE && function == preview1::PRINT;
    let (interface, name) = match interface {
        preview1::INTERFACE => (preview1::MODULE, preview1::named(function)),
        _ => (interface, function.to_owned()),
    };
    let is_refused = answer.is_none() && !is_print;
    let import = WasiImport { interface: interface.to_owned(), function: name, is_refused };
    match answer {
        // By its types: dynamic values cost many times as much a byte.
        None if is_print => target.func_wrap(function, |mut store, (number, text): (u32, Vec<u8>)| {
            store.data_mut().print(Stream::of(number), &text)
        })?,
        Some(answer) => target.func_new(function, move |mut store, _, arguments, results| {
            store.data_mut().meter.host_call(0)?;
            let receiver = release(&mut store, arguments)?;
            let value = answer(&mut store, receiver, arguments)?;
            if let (Some(value), Some(result)) = (value, results.first_mut()) {
                *result = value;
            }
            Ok(())
        })?,
        None => {
            let import = import.clone();
            target.func_new(function, move |_, _, _, _| {
                Err(refusal(format!("called `{import}`, which weir does not give to plugins")))
            })?;
        }
    }
    Ok(import)
}

fn refusal(text: String) -> wasmtime::Error {
    wasmtime::Error::msg(text)
}

fn check_name(name: &str) -> wasmtime::Result<()> {
    match name.len() {
        0..=NAME_BYTES => Ok(()),
        _ => Err(refusal(format!("imports a name of WASI of more than {NAME_BYTES} bytes"))),
    }
}

/// Whether values of the type hold flags in a list. Dynamic flags are a list of strings each, of which the engine's own
/// limit for what a call hands over counts the letters alone.
fn has_list_of_flags(ty: &Type, in_list: bool) -> bool {
    let holds = |ty: &Type| has_list_of_flags(ty, in_list);
    match ty {
        Type::Flags(_) => in_list,
        Type::List(list) => has_list_of_flags(&list.ty(), true),
        Type::Record(record) => record.fields().any(|field| holds(&field.ty)),
        Type::Tuple(tuple) => tuple.types().any(|ty| holds(&ty)),
        Type::Variant(variant) => variant.cases().filter_map(|case| case.ty).any(|ty| holds(&ty)),
        Type::Option(option) => holds(&option.ty()),
        Type::Result(result) => [result.ok(), result.err()].into_iter().flatten().any(|ty| holds(&ty)),
        _ => false,
    }
}

/// Gives back the resources that a call lends, as every call must; returns the number of the last one, else 0.
fn release(store: &mut StoreContextMut<'_, State>, arguments: &[Val]) -> wasmtime::Result<u32> {
    let mut receiver = 0;
    for argument in arguments {
        let lent = match argument {
            Val::Resource(_) => std::slice::from_ref(argument),
            // Of resources, where the first one is.
            Val::List(items) if matches!(items.first(), Some(Val::Resource(_))) => &items[..],
            _ => &[],
        };
        for resource in lent {
            if let Val::Resource(resource) = resource {
                receiver = ResourceDynamic::try_from_resource_any(*resource, &mut *store)?.rep();
            }
        }
    }
    Ok(receiver)
}
