module weir-sdk-tests

go 1.24

require my-plugin v0.0.0

replace my-plugin => ../template
