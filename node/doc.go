// Package node is a city's data node, inside the government network: it wires catalogue, delivery, lake, entity, indicator, scorecard and
// gate together over one folder. It owns the folder's layout and the order of work. It must never import the platform, nor listen on a port.
package node
