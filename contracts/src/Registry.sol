// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ClientRegistry} from "./registry/ClientRegistry.sol";
import {NodeRegistry} from "./registry/NodeRegistry.sol";
import {Stewarded} from "./registry/Stewarded.sol";

/// @title Who belongs to the network
/// @author Orlop
/// @notice See `IRegistry`.
contract Registry is NodeRegistry, ClientRegistry {
    /// @notice Starts with one account that names stewards and is one.
    /// @param admin that account
    constructor(address admin) Stewarded(admin) {}
}
