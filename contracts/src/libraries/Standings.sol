// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRegistry} from "../interfaces/IRegistry.sol";

/// @dev Clients remembered at a time.
uint256 constant PLACES = 64;

/// @title What the registry says about the parties of a batch, asked once
/// @author Orlop
/// @notice Remembers the last node and, in a table by the low bits of the id, the clients of a batch. Lives in
/// memory for one call, so it can never be stale.
library Standings {
    /// @notice What was asked so far.
    /// @param registry whom to ask
    /// @param nodeId the last node, 0 at first
    /// @param nodeState its state
    /// @param nodeAccount its ledger key
    /// @param clients clientId, state and signer of the last client in each place, packed
    struct Table {
        IRegistry registry;
        uint32 nodeId;
        IRegistry.NodeState nodeState;
        address nodeAccount;
        uint256[PLACES] clients;
    }

    /// @notice The ledger key and state of a node.
    /// @param self what was asked so far
    /// @param nodeId which node
    /// @return account zero if there is none
    /// @return state None if there is none
    function node(
        Table memory self,
        uint32 nodeId
    ) internal view returns (address account, IRegistry.NodeState state) {
        if (nodeId != self.nodeId) {
            (self.nodeAccount, self.nodeState) = self.registry.nodeStanding(nodeId);
            self.nodeId = nodeId;
        }
        return (self.nodeAccount, self.nodeState);
    }

    /// @notice The current signer and state of a client.
    /// @param self what was asked so far
    /// @param clientId which client
    /// @return signer zero if there is none
    /// @return state None if there is none
    function client(
        Table memory self,
        uint32 clientId
    ) internal view returns (address signer, IRegistry.ClientState state) {
        uint256 place = clientId % PLACES;
        uint256 entry = self.clients[place];
        if (entry >> 168 == clientId && entry != 0) {
            return (address(uint160(entry)), IRegistry.ClientState(uint8(entry >> 160)));
        }
        (signer, state) = self.registry.clientStanding(clientId);
        self.clients[place] =
            (uint256(clientId) << 168) |
            (uint256(uint8(state)) << 160) |
            uint160(signer);
    }
}
