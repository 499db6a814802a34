//! Bytes to a plugin: what they are, whether they fit the interface, compiled.

use std::borrow::Cow;

use wasmtime::component::{Component, types::ComponentItem};

use super::{
    Engine, LoadError, Plugin,
    bindings::{InterceptorPre, exports::weir::interceptor::plugin as wit},
    componentize::componentize,
    link,
};

/// Larger than Python or JavaScript with their interpreters (about 40 MiB); compile time grows with it, and nothing
/// else bounds that.
const MAX_BYTES: usize = 64 << 20;

/// What a plugin must export.
const EXPORT: &str = "weir:interceptor/plugin@0.1.0";

impl Engine {
    /// Compiles a plugin: a component, a core module, or the text form of either. Blocks for as long as compiling
    /// takes (about a second for a megabyte) unless the code is cached. Runs nothing of the plugin.
    ///
    /// # Errors
    /// [`LoadError`].
    pub fn load(&self, bytes: &[u8]) -> Result<Plugin, LoadError> {
        if bytes.len() > MAX_BYTES {
            let (has, may) = (bytes.len() >> 20, MAX_BYTES >> 20);
            return Err(LoadError::Invalid(format!("is {has} MiB large; a plugin may have {may} MiB")));
        }
        let engine = &self.inner.engine;
        let cached = self.inner.cache.as_ref().map(|cache| (cache, cache.key(bytes)));
        if let Some(component) = cached.as_ref().and_then(|(cache, key)| cache.get(engine, key)) {
            return self.fit(&component);
        }
        let binary = to_component(bytes)?;
        let component = Component::from_binary(engine, &binary)
            .map_err(|error| LoadError::Invalid(format!("does not compile: {}", super::one_line(&error))))?;
        let plugin = self.fit(&component)?;
        if let Some((cache, key)) = &cached {
            cache.put(key, &component);
        }
        Ok(plugin)
    }

    /// Checks imports and exports, so that whatever is wrong is said by its name.
    fn fit(&self, component: &Component) -> Result<Plugin, LoadError> {
        self.check_imports(component)?;
        self.check_exports(component)?;
        let invalid = |error: wasmtime::Error| LoadError::Invalid(super::one_line(&error));
        let pre = self.inner.linker.instantiate_pre(component).map_err(invalid)?;
        let pre = InterceptorPre::new(pre).map_err(invalid)?;
        Ok(Plugin { engine: self.clone(), pre })
    }

    fn check_imports(&self, component: &Component) -> Result<(), LoadError> {
        let engine = &self.inner.engine;
        for (name, import) in component.component_type().imports(engine) {
            let given = link::given(name).unwrap_or_default();
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
        let ty = component.component_type();
        let Some(ComponentItem::ComponentInstance(plugin)) = ty.get_export(engine, EXPORT).map(|export| export.ty)
        else {
            let exports: Vec<_> = ty.exports(engine).map(|(name, _)| format!("`{name}`")).collect();
            let has = if exports.is_empty() { "nothing".to_owned() } else { exports.join(", ") };
            let other = ty.exports(engine).any(|(name, _)| name.starts_with("weir:interceptor/plugin@"));
            let cure = if other { "; build it against a version that this weir serves" } else { "" };
            return Err(LoadError::Invalid(format!("does not export `{EXPORT}` (it exports {has}){cure}")));
        };
        let cx = ty.instance_type();
        for name in ["describe", "configure", "process"] {
            let Some(ComponentItem::ComponentFunc(function)) = plugin.get_export(engine, name).map(|export| export.ty)
            else {
                return Err(LoadError::Invalid(format!("its export `{EXPORT}` has no function `{name}`")));
            };
            let checked = match name {
                "describe" => function.typecheck::<(), (wit::Description,)>(&cx),
                "configure" => function.typecheck::<(&str,), (Result<wit::Plan, String>,)>(&cx),
                _ => function.typecheck::<(&wit::Batch<'_>,), (Result<wit::Edits, String>,)>(&cx),
            };
            checked.map_err(|error| {
                let error = super::one_line(&error);
                LoadError::Invalid(format!("its `{EXPORT}` has a `{name}` of another signature: {error}"))
            })?;
        }
        Ok(())
    }
}

/// Tells the forms apart by their first bytes.
fn to_component(bytes: &[u8]) -> Result<Cow<'_, [u8]>, LoadError> {
    match bytes {
        [b'\0', b'a', b's', b'm', 1, 0, 0, 0, ..] => componentize(bytes).map(Cow::Owned),
        [b'\0', b'a', b's', b'm', 0x0d, 0, 1, 0, ..] => Ok(Cow::Borrowed(bytes)),
        [b'\0', b'a', b's', b'm', ..] => {
            Err(LoadError::Invalid("is Wasm of an unknown version, or cut off".to_owned()))
        }
        [0x7f, b'E', b'L', b'F', ..] => Err(LoadError::Invalid(
            "is compiled code, which weir never loads from a file: give it the .wasm it was made from".to_owned(),
        )),
        [] => Err(LoadError::Invalid("is empty".to_owned())),
        _ => from_text(bytes).map(Cow::Owned),
    }
}

fn from_text(bytes: &[u8]) -> Result<Vec<u8>, LoadError> {
    let unknown = || LoadError::Invalid("is neither a Wasm component, nor a core module, nor .wat text".to_owned());
    let text = str::from_utf8(bytes).map_err(|_| unknown())?;
    if !text.contains("(module") && !text.contains("(component") {
        return Err(unknown());
    }
    let binary = wat::parse_str(text).map_err(|error| {
        let text = error.to_string();
        // The first lines hold what is wrong and where; the drawing below them does not fit into one line.
        let told = text.lines().take(2).map(str::trim).collect::<Vec<_>>().join(" ");
        LoadError::Invalid(format!("is no valid .wat text: {told}"))
    })?;
    to_component(&binary).map(Cow::into_owned)
}
