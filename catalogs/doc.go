// Package catalogs holds the data contracts themselves: one Open Data Contract Standard file (YAML) per data catalogue, in a folder per
// department. It owns the files and embeds them; reading and checking them is node/catalog's work. It must never hold data.
package catalogs

import "embed"

// FS is the tree DEPARTMENT/CATALOGUE.yaml.
//
//go:embed */*.yaml
var FS embed.FS
