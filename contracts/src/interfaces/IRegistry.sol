// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title Who belongs to the network: storage nodes and clients
/// @author Orlop
/// @notice Nodes register themselves and are admitted, drained and retired by the steward. Clients register by
/// a signed message that anybody may relay, so a ship never needs funds.
/// @dev EIP-712 domain: name "Orlop", version "1", this chain, this contract. Signatures are 64 bytes, compact
/// (EIP-2098), low-s. Ids start at 1; 0 means "none".
interface IRegistry {
    /// @notice Life of a node. `Draining` keeps what it holds and takes nothing new; `Retired` is final.
    enum NodeState {
        None,
        Pending,
        Admitted,
        Draining,
        Retired
    }

    /// @notice Life of a client. `Suspended` may still remove its objects and update envelopes.
    enum ClientState {
        None,
        Pending,
        Admitted,
        Suspended
    }

    /// @notice What a node is trusted with: heavy nodes take any data, light nodes routine data.
    enum Tier {
        None,
        Heavy,
        Light
    }

    /// @notice What a node says about itself and may change at any time.
    /// @param peerId libp2p peer id, the multihash bytes, 1 to 64 bytes
    /// @param addresses multiaddrs in text, separated by commas, at most 2048 bytes
    /// @param capacityBytes bytes the node offers in all
    /// @param region free text such as a UN/LOCODE, at most 32 bytes
    /// @param name shown to people, 1 to 64 bytes of UTF-8
    struct NodeProfile {
        bytes peerId;
        string addresses;
        uint64 capacityBytes;
        string region;
        string name;
    }

    /// @notice A node as the ledger knows it.
    /// @param account the node's ledger key: signs reservations and acknowledgements, pays for transactions
    /// @param state where it is in its life
    /// @param tier heavy or light
    /// @param lastSeen unix seconds of the last heartbeat or registration
    /// @param freeBytes free space said in the last heartbeat
    /// @param registeredAt unix seconds
    /// @param profile what the node says about itself
    struct Node {
        address account;
        NodeState state;
        Tier tier;
        uint64 lastSeen;
        uint64 freeBytes;
        uint64 registeredAt;
        NodeProfile profile;
    }

    /// @notice The EIP-712 message by which a client asks to join, signed by `signer`.
    /// RegisterClient(address signer,address recovery,bytes32 openingKey,uint32 imoNumber,string name)
    /// @param signer ledger key of the client
    /// @param recovery key kept ashore that can replace `signer`; not zero and not `signer`
    /// @param openingKey X25519 public key that data keys are wrapped for
    /// @param imoNumber IMO ship identification number, 0 for shore clients
    /// @param name shown to people, 1 to 256 bytes of UTF-8
    struct RegisterClient {
        address signer;
        address recovery;
        bytes32 openingKey;
        uint32 imoNumber;
        string name;
    }

    /// @notice The EIP-712 message that replaces a client's keys, signed by the recovery key.
    /// RotateSigner(uint32 clientId,address newSigner,bytes32 newOpeningKey,uint64 nonce)
    /// @param clientId whose keys change
    /// @param newSigner a key that no client has or had
    /// @param newOpeningKey X25519 public key used from now on
    /// @param nonce number of rotations so far, from 0
    struct RotateSigner {
        uint32 clientId;
        address newSigner;
        bytes32 newOpeningKey;
        uint64 nonce;
    }

    /// @notice A client as the ledger knows it.
    /// @param signer current ledger key
    /// @param state where it is in its life
    /// @param minimumImportance its data counts at least as this: 1 critical, 2 important, 3 routine, 0 unset
    /// @param imoNumber IMO ship identification number, 0 for shore clients
    /// @param recovery key that may replace `signer`
    /// @param nonce number of rotations so far
    /// @param openingKey current X25519 public key
    /// @param name shown to people
    struct Client {
        address signer;
        ClientState state;
        uint8 minimumImportance;
        uint32 imoNumber;
        address recovery;
        uint64 nonce;
        bytes32 openingKey;
        string name;
    }

    /// @notice A node registered itself.
    /// @param nodeId its new id
    /// @param account its ledger key
    /// @param tier what it asks to be
    /// @param profile what it says about itself
    event NodeRegistered(
        uint32 indexed nodeId,
        address indexed account,
        Tier tier,
        NodeProfile profile
    );

    /// @notice A node changed what it says about itself.
    /// @param nodeId which node
    /// @param profile what it says now
    event NodeUpdated(uint32 indexed nodeId, NodeProfile profile);

    /// @notice The steward changed a node's state.
    /// @param nodeId which node
    /// @param from state before
    /// @param to state now
    /// @param reason for people, may be empty
    event NodeStateChanged(uint32 indexed nodeId, NodeState from, NodeState to, string reason);

    /// @notice The steward changed a node's tier.
    /// @param nodeId which node
    /// @param from tier before
    /// @param to tier now
    /// @param reason for people, may be empty
    event NodeTierChanged(uint32 indexed nodeId, Tier from, Tier to, string reason);

    /// @notice A node is alive.
    /// @param nodeId which node
    /// @param freeBytes space it has left
    event Heartbeat(uint32 indexed nodeId, uint64 freeBytes);

    /// @notice The node that acts as steward changed.
    /// @param fromNodeId master before, 0 if there was none
    /// @param toNodeId master now, 0 if there is none
    event MasterChanged(uint32 indexed fromNodeId, uint32 indexed toNodeId);

    /// @notice A client registered.
    /// @param clientId its new id
    /// @param signer its ledger key
    /// @param recovery key that may replace `signer`
    /// @param openingKey X25519 public key
    /// @param imoNumber IMO ship identification number, 0 for shore clients
    /// @param name shown to people
    event ClientRegistered(
        uint32 indexed clientId,
        address indexed signer,
        address recovery,
        bytes32 openingKey,
        uint32 imoNumber,
        string name
    );

    /// @notice A client was admitted, suspended, or given another minimum importance.
    /// @param clientId which client
    /// @param from state before
    /// @param to state now
    /// @param minimumImportance 1 critical, 2 important, 3 routine, 0 unset
    /// @param reason for people, may be empty
    event ClientStateChanged(
        uint32 indexed clientId,
        ClientState from,
        ClientState to,
        uint8 minimumImportance,
        string reason
    );

    /// @notice A client's keys were replaced by its recovery key. Former signers stay findable here.
    /// @param clientId which client
    /// @param oldSigner key that no longer counts
    /// @param newSigner key that counts from now on
    /// @param newOpeningKey X25519 public key used from now on
    /// @param nonce nonce that was used up
    event SignerRotated(
        uint32 indexed clientId,
        address indexed oldSigner,
        address indexed newSigner,
        bytes32 newOpeningKey,
        uint64 nonce
    );

    /// @notice No node has this id.
    error UnknownNode(uint32 nodeId);
    /// @notice No client has this id.
    error UnknownClient(uint32 clientId);
    /// @notice The sender is not the account of a node.
    error NotANode(address sender);
    /// @notice This account already belongs to a node.
    error AccountInUse(address account, uint32 nodeId);
    /// @notice This key is or was the signer of a client.
    error SignerInUse(address signer, uint32 clientId);
    /// @notice A node cannot go from one state to the other.
    error NodeTransitionRefused(uint32 nodeId, NodeState from, NodeState to);
    /// @notice A client cannot go from one state to the other.
    error ClientTransitionRefused(uint32 clientId, ClientState from, ClientState to);
    /// @notice Only an admitted node can be master.
    error MasterNotAdmitted(uint32 nodeId);
    /// @notice A field is empty, too long or not a known value.
    error InvalidField(string field);
    /// @notice The rotation carries another nonce than the next one.
    error WrongNonce(uint32 clientId, uint64 expected, uint64 got);
    /// @notice The signature is not by the expected key.
    error BadSignature(address expected);

    /// @notice Registers the sender as a node, pending until the steward admits it.
    /// Admitted at once if the sender is the steward.
    /// @param profile what the node says about itself
    /// @param tier heavy or light
    /// @return nodeId the new id
    function registerNode(NodeProfile calldata profile, Tier tier) external returns (uint32 nodeId);

    /// @notice Replaces what the sender's node says about itself.
    /// @param profile what it says from now on
    function updateNode(NodeProfile calldata profile) external;

    /// @notice Says that the sender's node is alive.
    /// @param freeBytes space it has left
    function heartbeat(uint64 freeBytes) external;

    /// @notice Admits a pending node, or takes a draining one back. Steward only.
    /// @param nodeId which node
    /// @param reason for people, at most 256 bytes
    function admitNode(uint32 nodeId, string calldata reason) external;

    /// @notice Stops an admitted node from taking anything new. Steward only.
    /// @param nodeId which node
    /// @param reason for people, at most 256 bytes
    function drainNode(uint32 nodeId, string calldata reason) external;

    /// @notice Ends a node's membership for good. Steward only; not the master.
    /// @param nodeId which node
    /// @param reason for people, at most 256 bytes
    function retireNode(uint32 nodeId, string calldata reason) external;

    /// @notice Changes what a node is trusted with. Steward only.
    /// @param nodeId which node
    /// @param tier heavy or light
    /// @param reason for people, at most 256 bytes
    function setTier(uint32 nodeId, Tier tier, string calldata reason) external;

    /// @notice Makes an admitted node the master: its account gets the steward role, the former master's
    /// account loses it. Admin only.
    /// @param nodeId the new master, 0 for none
    function setMaster(uint32 nodeId) external;

    /// @notice Registers a client. Anybody may send it; sent by the steward, the client is admitted at once.
    /// @param message what the client signed
    /// @param signature by `message.signer`
    /// @return clientId the new id
    function registerClient(
        RegisterClient calldata message,
        bytes calldata signature
    ) external returns (uint32 clientId);

    /// @notice Replaces a client's signer and opening key. Anybody may send it.
    /// @dev What the former key signed and nobody put on the ledger yet no longer counts.
    /// @param message what the recovery key signed
    /// @param signature by the client's recovery key
    function rotateSigner(RotateSigner calldata message, bytes calldata signature) external;

    /// @notice Admits a client, or changes the minimum importance of an admitted one. Steward only.
    /// @param clientId which client
    /// @param minimumImportance 1 critical, 2 important, 3 routine, 0 unset
    /// @param reason for people, at most 256 bytes
    function admitClient(uint32 clientId, uint8 minimumImportance, string calldata reason) external;

    /// @notice Suspends a client: no new receipts, extensions or ratings. Steward only.
    /// @param clientId which client
    /// @param reason for people, at most 256 bytes
    function suspendClient(uint32 clientId, string calldata reason) external;

    /// @notice Number of nodes ever registered; ids are 1 to this.
    /// @return the count
    function nodeCount() external view returns (uint32);

    /// @notice One node. Reverts with UnknownNode.
    /// @param nodeId which node
    /// @return the node
    function node(uint32 nodeId) external view returns (Node memory);

    /// @notice A page of nodes in order of id.
    /// @param fromId first id wanted, from 1
    /// @param count how many at most
    /// @return page the nodes `fromId`, `fromId + 1`, …; empty past the end
    function nodes(uint32 fromId, uint32 count) external view returns (Node[] memory page);

    /// @notice The ledger key and state of a node, zeros if there is none.
    /// @param nodeId which node
    /// @return account its ledger key
    /// @return state where it is in its life
    function nodeStanding(uint32 nodeId) external view returns (address account, NodeState state);

    /// @notice The ledger key of a node, zero if there is none.
    /// @param nodeId which node
    /// @return its ledger key
    function accountOf(uint32 nodeId) external view returns (address);

    /// @notice The node of a ledger key, 0 if there is none.
    /// @param account ledger key
    /// @return its node id
    function nodeIdOf(address account) external view returns (uint32);

    /// @notice The node that acts as steward, 0 if none.
    /// @return its node id
    function masterNodeId() external view returns (uint32);

    /// @notice Whether an account may act as steward.
    /// @param account any address
    /// @return true if it has the steward role
    function isSteward(address account) external view returns (bool);

    /// @notice Number of clients ever registered; ids are 1 to this.
    /// @return the count
    function clientCount() external view returns (uint32);

    /// @notice One client. Reverts with UnknownClient.
    /// @param clientId which client
    /// @return the client
    function client(uint32 clientId) external view returns (Client memory);

    /// @notice A page of clients in order of id.
    /// @param fromId first id wanted, from 1
    /// @param count how many at most
    /// @return page the clients `fromId`, `fromId + 1`, …; empty past the end
    function clients(uint32 fromId, uint32 count) external view returns (Client[] memory page);

    /// @notice The current signer and state of a client, zeros if there is none.
    /// @param clientId which client
    /// @return signer its ledger key
    /// @return state where it is in its life
    function clientStanding(
        uint32 clientId
    ) external view returns (address signer, ClientState state);

    /// @notice The client whose current signer this is, 0 if none. Former signers are found in `SignerRotated`.
    /// @param signer ledger key
    /// @return its client id
    function clientIdOf(address signer) external view returns (uint32);
}
