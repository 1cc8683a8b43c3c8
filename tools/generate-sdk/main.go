// Writes the SDK of a package in one language: generate-sdk go|nodejs|python SCHEMA FOLDER.
//
// It does what `pulumi package gen-sdk` does with the language host of that language (GeneratePackage of
// sdk/go/pulumi-language-go and sdk/nodejs/cmd/pulumi-language-nodejs in github.com/pulumi/pulumi), which comes
// with Pulumi's releases, and which the Go module proxy does not have.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	golang "github.com/pulumi/pulumi/pkg/v3/codegen/go"
	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// Our schema names no other package, so nothing has to be loaded. A call would be a call of nil.
type noLoader struct{ schema.ReferenceLoader }

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: generate-sdk go|nodejs|python SCHEMA FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(language, file, folder string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var spec schema.PackageSpec
	if err := json.Unmarshal(text, &spec); err != nil {
		return err
	}
	pkg, found, err := schema.BindSpec(spec, noLoader{}, schema.ValidationOptions{})
	if err != nil {
		return err
	}
	if len(found) > 0 {
		return found
	}
	// As `pulumi package add` does (packages.go of cmd/pulumi): with it, an SDK for Go is a module.
	pkg.SupportPack = true
	files, err := generate(language, pkg)
	if err != nil {
		return err
	}
	for name, content := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func generate(language string, pkg *schema.Package) (map[string][]byte, error) {
	switch language {
	case "go":
		return golang.GeneratePackage("generate-sdk", pkg, nil)
	case "nodejs":
		return nodejs.GeneratePackage("generate-sdk", pkg, nil, nil, true, noLoader{})
	case "python":
		return python.GeneratePackage("generate-sdk", pkg, nil, noLoader{})
	default:
		return nil, fmt.Errorf("no SDK is generated for %s", language)
	}
}
