//! Bytes to a plugin: found compiled or compiled, and whether they fit the interface.

use std::sync::{Arc, PoisonError, Weak};

use sha2::{Digest as _, Sha256};
use wasmtime::component::{Component, types::ComponentItem};

use super::{
    Engine, LoadError, Plugin,
    compile::compile,
    host_imports, packed, v0_1,
    wasi::{WasiLinker, is_wasi},
};

/// Larger than Python or JavaScript with their interpreters (about 40 MiB); the budget for compiling grows with it.
const MAX_BYTES: usize = 64 << 20;

impl Engine {
    /// Compiles a plugin: a component, a core module, or the text form of either. Blocks for as long as compiling
    /// takes (about a second for a megabyte) unless the code is cached or the same bytes are loaded already: plugins of
    /// the same bytes share their code. Runs nothing of the plugin.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(&self, bytes: &[u8]) -> Result<Plugin, LoadError> {
        if bytes.len() > MAX_BYTES {
            let (has, may) = (bytes.len() >> 20, MAX_BYTES >> 20);
            return Err(LoadError::Invalid(format!("is {has} MiB large; a plugin may have {may} MiB")));
        }
        let digest: [u8; 32] = Sha256::digest(bytes).into();
        if let Some(linked) = self.loaded(&digest) {
            return Ok(Plugin { engine: self.clone(), linked });
        }
        let inner = &*self.inner;
        let cached = inner.cache.as_ref().map(|cache| (cache, cache.key(&digest)));
        let found = cached.as_ref().and_then(|(cache, key)| cache.get(&inner.engine, key));
        let linked = match found {
            Some(component) => self.fit(&component)?,
            None => {
                let code = compile(&inner.engine, inner.profile, inner.program.as_ref(), bytes, &self.cancel)?;
                let component = code.load(&inner.engine).map_err(|error| {
                    LoadError::Compiler(format!("its code does not load: {}", super::one_line(&error)))
                })?;
                let linked = self.fit(&component)?;
                if let Some((cache, key)) = &cached {
                    cache.put(key, &code);
                }
                linked
            }
        };
        let linked = Arc::new(linked);
        let mut loaded = inner.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have compiled the same bytes meanwhile, and what is in use is shared.
        if let Some(linked) = loaded.get(&digest).and_then(Weak::upgrade) {
            return Ok(Plugin { engine: self.clone(), linked });
        }
        loaded.retain(|_, plugin| plugin.strong_count() > 0);
        loaded.insert(digest, Arc::downgrade(&linked));
        Ok(Plugin { engine: self.clone(), linked })
    }

    /// The code of a plugin that is in use, by the digest of its bytes.
    fn loaded(&self, digest: &[u8; 32]) -> Option<Arc<v0_1::Linked>> {
        self.inner.loaded.lock().unwrap_or_else(PoisonError::into_inner).get(digest)?.upgrade()
    }

    /// Checks imports and exports, so that whatever is wrong is said by its name.
    fn fit(&self, component: &Component) -> Result<v0_1::Linked, LoadError> {
        self.check_imports(component)?;
        self.check_exports(component)?;
        let inner = &*self.inner;
        let invalid = |error: wasmtime::Error| LoadError::Invalid(super::one_line(&error));
        match WasiLinker::of(&inner.linker, &inner.engine, component).map_err(invalid)? {
            None => v0_1::Linked::new(&inner.linker, component, Vec::new()),
            Some(wasi) => v0_1::Linked::new(&wasi.linker, component, wasi.imports),
        }
        .map_err(invalid)
    }

    fn check_imports(&self, component: &Component) -> Result<(), LoadError> {
        let engine = &self.inner.engine;
        for (name, import) in component.component_type().imports(engine) {
            if is_wasi(name) {
                continue;
            }
            let given = host_imports::given(name).unwrap_or_default();
            match import.ty {
                ComponentItem::ComponentInstance(instance) => {
                    for (item, export) in instance.exports(engine) {
                        let harmless = matches!(export.ty, ComponentItem::Type(_)) || given.contains(&item);
                        if !harmless {
                            return Err(LoadError::Import(format!("{name}#{item}")));
                        }
                    }
                }
                ComponentItem::Type(_) => {}
                _ => return Err(LoadError::Import(name.to_owned())),
            }
        }
        Ok(())
    }

    fn check_exports(&self, component: &Component) -> Result<(), LoadError> {
        let engine = &self.inner.engine;
        let (ty, export) = (component.component_type(), v0_1::EXPORT);
        let Some(ComponentItem::ComponentInstance(plugin)) =
            ty.get_export(engine, v0_1::EXPORT).map(|export| export.ty)
        else {
            let exports: Vec<_> = ty.exports(engine).map(|(name, _)| format!("`{name}`")).collect();
            let has = if exports.is_empty() { "nothing".to_owned() } else { exports.join(", ") };
            let other = ty.exports(engine).any(|(name, _)| name.starts_with("weir:interceptor/plugin@"));
            let cure = if other { "; build it against a version that this weir serves" } else { "" };
            return Err(LoadError::Invalid(format!("does not export `{export}` (it exports {has}){cure}")));
        };
        for name in v0_1::FUNCTIONS {
            let Some(ComponentItem::ComponentFunc(function)) = plugin.get_export(engine, name).map(|export| export.ty)
            else {
                return Err(LoadError::Invalid(format!("its export `{export}` has no function `{name}`")));
            };
            let checked = v0_1::check_signature(name, &function, &ty);
            checked.map_err(|error| mistyped(export, name, &error))?;
        }
        let Some(packed) = ty.get_export(engine, packed::EXPORT).map(|export| export.ty) else { return Ok(()) };
        let process = match &packed {
            ComponentItem::ComponentInstance(packed) => {
                packed.get_export(engine, packed::PROCESS).map(|export| export.ty)
            }
            _ => None,
        };
        let (export, name) = (packed::EXPORT, packed::PROCESS);
        let Some(ComponentItem::ComponentFunc(function)) = process else {
            return Err(LoadError::Invalid(format!("its export `{export}` has no function `{name}`")));
        };
        packed::check_signature(&function, &ty).map_err(|error| mistyped(export, name, &error))
    }
}

fn mistyped(export: &str, name: &str, error: &wasmtime::Error) -> LoadError {
    LoadError::Invalid(format!("its `{export}` has a `{name}` of another signature: {}", super::one_line(error)))
}
